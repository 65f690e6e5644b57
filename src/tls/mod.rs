//! The certificate edge: which certificate the box shows, where it comes from, and how it is replaced while the box runs.
//! The only place that makes certificates and, beside the sender, the only one that names rustls. It must not know HTTP.
//!
//! `edge` looks at the files once; `pair` makes of their text what a handshake needs; `x509` reads what is told of a
//! certificate; `own` makes the box's own, for the names that `hosts` finds; `state` is what is told.
//!
//! # What a broken pair does, and what it does not
//! A certificate without its key, a key without its certificate or a file that cannot be read changes nothing: the last
//! good pair is shown on, and what is wrong is told. A box that starts with such files starts all the same, and refuses
//! handshakes until the files are in order: its local socket, its plain addresses and its work are not touched. A
//! certificate that has ended is shown on, too, for a client that does not look is better served than one without a box.

pub mod edge;
mod hosts;
pub mod own;
mod pair;
pub mod state;
pub mod x509;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use crate::clock::Clock;
use edge::{Current, Edge, Outcome};
use state::{Certificate, State};

/// What a server takes to speak TLS.
pub type Acceptor = rustls::ServerConfig;

/// How often the files are looked at: two small reads, and no file system is without them.
const POLL: Duration = Duration::from_secs(5);

/// So long files that have changed must stay as they are before they are taken: a certificate and its key are two files,
/// and nobody replaces both at once.
const QUIET: Duration = Duration::from_millis(500);

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// PEM files that somebody else keeps up to date.
    Files {
        /// The certificate, then those that lead to its authority.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// The box itself.
    Own(own::Settings),
}

/// Why there is no new certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The box does not make its own.
    #[error("{0}")]
    NotOurs(&'static str),
    /// It could not be made or kept.
    #[error("the new certificate could not be made: {0}")]
    Failed(String),
}

/// What others may ask of the certificate. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    current: Arc<Current>,
    edge: Option<Arc<Mutex<Edge>>>,
    wake: Sender<Wake>,
}

/// The thread, until it is stopped.
pub struct Watched {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

enum Wake {
    Reload,
    Stop,
}

/// Takes the certificate, makes the box's own where it has none yet, and leaves the rest to a thread. Without a source TLS
/// is off.
///
/// # Errors
/// There is no thread to be had. Nothing that is wrong with a certificate is an error.
pub fn start(source: Option<Source>, clock: &Clock) -> std::io::Result<Watched> {
    let (watched, wakes) = prepare(source, clock);
    let Some(edge) = watched.handle.edge.clone() else { return Ok(watched) };
    lock(&edge).begin();
    let thread = std::thread::Builder::new().name("tls".to_owned()).spawn(move || run(&edge, &wakes))?;
    Ok(Watched { thread: Some(thread), ..watched })
}

/// The certificate of a process that serves one command: it is looked at, and nothing is made unless that is asked for.
pub fn at_rest(source: Option<Source>, clock: &Clock) -> Watched {
    let (watched, _) = prepare(source, clock);
    if let Some(edge) = &watched.handle.edge {
        lock(edge).reload();
    }
    watched
}

fn prepare(source: Option<Source>, clock: &Clock) -> (Watched, Receiver<Wake>) {
    let (wake, wakes) = channel();
    let current = Arc::new(Current::default());
    let edge = source.map(|source| Arc::new(Mutex::new(Edge::new(source, clock.clone(), Arc::clone(&current)))));
    (Watched { handle: Handle { current, edge, wake }, thread: None }, wakes)
}

impl Watched {
    /// For those who ask.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// What a server takes to speak TLS with whatever certificate is current; `None` where TLS is off.
    ///
    /// # Errors
    /// The system has no random numbers for session tickets.
    pub fn acceptor(&self) -> std::io::Result<Option<Acceptor>> {
        let Some(_) = &self.handle.edge else { return Ok(None) };
        pair::acceptor(self.handle.current.clone()).map(Some).map_err(std::io::Error::other)
    }

    /// Ends the thread.
    pub fn stop(mut self) {
        drop(self.handle.wake.send(Wake::Stop));
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the certificate ended in a panic");
        }
    }
}

impl Handle {
    /// How it stands.
    pub fn state(&self) -> Arc<State> {
        self.current.state()
    }

    /// Has the files read soon, whether they have changed or not.
    pub fn reload(&self) {
        drop(self.wake.send(Wake::Reload));
    }

    /// Makes a new certificate with a new key, keeps it and shows it from now on. Writes to the disk: for threads that may
    /// block.
    ///
    /// # Errors
    /// It is not the box that makes the certificate, or it could not be kept; then the former one is shown on.
    pub fn renew(&self) -> Result<Arc<Certificate>, Refusal> {
        match &self.edge {
            Some(edge) => lock(edge).renew(),
            None => Err(Refusal::NotOurs("the box speaks no TLS; set [server.tls] mode = \"self-signed\" first")),
        }
    }
}

fn run(edge: &Mutex<Edge>, wakes: &Receiver<Wake>) {
    let mut wait = POLL;
    loop {
        let reload = match wakes.recv_timeout(wait) {
            Ok(Wake::Reload) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        };
        let look = || {
            let mut edge = lock(edge);
            // Whoever asks has finished writing.
            if reload { edge.reload() } else { edge.run_once() }
        };
        wait = match catch_unwind(AssertUnwindSafe(look)) {
            Ok(Outcome::Unsettled) => QUIET,
            Ok(Outcome::Unchanged | Outcome::Taken | Outcome::Refused) => POLL,
            Err(_) => {
                // The panic itself has been logged by its hook.
                tracing::error!("looking at the certificate ended in a panic; it is tried again");
                POLL
            }
        };
    }
}

fn lock(edge: &Mutex<Edge>) -> MutexGuard<'_, Edge> {
    edge.lock().unwrap_or_else(PoisonError::into_inner)
}
