//! The file edge: the configuration's files are watched while the box runs, and what they say of organizations is put in
//! force. It decides when the core is asked, and tells how the files stand; it decides no rule and speaks no HTTP.
//!
//! `watch` hears of changes and rings the `bell`; `run` is the thread that waits for it; `edge` looks at the files once and
//! hands the core a `document`; `state` is what is told of it.
//!
//! # What a broken file does, and what it does not
//! While the box runs, files with any mistake change nothing: neither overrides nor the log level. At a start, overrides
//! are those of the database, whatever the files hold, until files without a mistake are read. A mistake outside
//! `[organizations."…"]` would leave a box without knowing where to listen, or that its directory is not public: it runs
//! as the files said when they were in order last, whose text is in the database. Where nothing leads to that database it
//! does not start. What stands above the first table of organizations counts where TOML breaks below it.

pub mod bell;
mod core;
pub mod document;
pub mod edge;
mod run;
pub mod state;
pub mod watch;

use std::{
    sync::{Arc, PoisonError, RwLock},
    thread::JoinHandle,
};

use crate::{
    clock::Clock,
    config::{self, Config, Files},
    model::overrides::Document,
    store::{OpenError, Store},
};
use bell::Bell;
use document::Mistakes;
use edge::Edge;
use state::State;
use watch::Watch;

/// What others may ask of the watched files. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    bell: Arc<Bell>,
    state: Arc<RwLock<Arc<State>>>,
    source: Arc<config::Source>,
}

/// The thread, until it is stopped.
pub struct Watched {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

/// The watched files before the first look: what can keep a box from starting has been done.
pub struct Prepared {
    handle: Handle,
    work: Option<(Edge, Watch, Clock)>,
}

/// Watches the files that the process was started with, if there are any, before anything of them is read. `live` puts
/// into force what of a configuration can be while the process runs.
///
/// # Errors
/// The database could not be opened for reading. Nothing that is wrong with the files is an error.
pub fn prepare(
    config: &Config,
    store: &Arc<Store>,
    clock: &Clock,
    live: impl Fn(&Config) + Send + 'static,
) -> Result<Prepared, OpenError> {
    let Some(main) = &config.source.file else {
        return Ok(Prepared { handle: at_rest(config).handle, work: None });
    };
    let bell = Arc::new(Bell::default());
    let mut watch = Watch::new(main, Arc::clone(&bell));
    watch.arm();
    let edge = Edge::new(main, config.source.clone(), Arc::clone(store), clock.clone(), live)?;
    edge.note_polling(watch.failure());
    let handle = Handle { bell, state: edge.state(), source: Arc::new(config.source.clone()) };
    Ok(Prepared { handle, work: Some((edge, watch, Clock::system())) })
}

impl Prepared {
    /// For those who will ask.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Looks at the files once, so that nobody is served what they say otherwise, and leaves the rest to a thread.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn start(self) -> std::io::Result<Watched> {
        let Self { handle, work } = self;
        let Some((mut edge, watch, waits)) = work else { return Ok(Watched { handle, thread: None }) };
        edge.run_once(&mut || {});
        let bell = Arc::clone(&handle.bell);
        let thread = std::thread::Builder::new().name("overrides".to_owned());
        let thread = thread.spawn(move || run::run(edge, watch, &bell, &waits))?;
        Ok(Watched { handle, thread: Some(thread) })
    }
}

/// The files of a process that serves one command: nothing is watched or applied, and they can be read.
pub fn at_rest(config: &Config) -> Watched {
    let handle = Handle { bell: Arc::default(), state: Arc::default(), source: Arc::new(config.source.clone()) };
    Watched { handle, thread: None }
}

impl Watched {
    /// For those who ask.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Finishes what is under way and ends the thread.
    pub fn stop(mut self) {
        self.handle.bell.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the watched files ended in a panic");
        }
    }
}

impl Handle {
    /// How the files stand.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has the files read soon, whether they have changed or not.
    pub fn reload(&self) {
        self.bell.reload();
    }

    /// True while the files have not been read though [`Handle::reload`] asked for it.
    pub fn is_reloading(&self) -> bool {
        self.source.file.is_some() && self.bell.is_reloading()
    }

    /// What texts would say if they were the files, by name and in this order; or all that is wrong with them.
    ///
    /// # Errors
    /// The mistakes, a line each.
    pub fn read_texts(&self, texts: Vec<(String, String)>) -> Result<Document, Mistakes> {
        Ok(document::read_apart(&Files::of_texts(texts))?.document)
    }

    /// What the files say now; or all that is wrong with them. For threads that may block.
    ///
    /// # Errors
    /// The mistakes, a line each; without a file, that there is none.
    pub fn read_files(&self) -> Result<Document, Mistakes> {
        let Some(main) = &self.source.file else {
            let lines = vec!["the box was started without a configuration file".to_owned()];
            return Err(Mistakes { lines, count: 1 });
        };
        Ok(document::read(&Files::read(main), &self.source.environment)?.document)
    }
}
