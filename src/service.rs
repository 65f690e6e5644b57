//! What passes between the box and the service manager (systemd): that it is ready, reloads or stops, a sentence of how it
//! stands, a sign of life as long as every thread makes progress, and sockets that were opened for it. Where no manager
//! listens nothing is said. It must not know what the box does.

use std::{
    io,
    net::TcpListener,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use listenfd::ListenFd;
use sd_notify::NotifyState;

use crate::{
    clock::Clock,
    pulse::{Pulses, Round},
};

/// The names that descriptors for HTTP may have: `FileDescriptorName=http`, or none given in `orgbox.socket`.
const NAMES: [&str; 3] = ["http", "orgbox.socket", "unknown"];

/// Between two looks at how the box stands, at most. Signs of life are looked for more often where the manager wants them
/// sooner.
const STEP_MAX: Duration = Duration::from_secs(1);
const STEPS_A_WATCHDOG: u32 = 8;

/// Between two looks while a reload is under way.
const RELOAD_STEP: Duration = Duration::from_millis(50);

/// After so long a reload is called done, whatever became of it: a manager waits for the word.
const RELOAD_MAX_MS: i64 = 30_000;

/// Tells the manager how the box is until it is dropped.
pub struct Keeper {
    told: Option<Sender<Told>>,
    thread: Option<JoinHandle<()>>,
}

/// What the keeper asks of the box.
pub struct Asked {
    /// Who must make progress.
    pub pulses: Arc<Pulses>,
    /// One sentence of how the box stands.
    pub sentence: Box<dyn Fn() -> String + Send>,
}

enum Told {
    Reloading(Box<dyn Fn() -> bool + Send>),
}

/// The listening sockets that the manager has opened for this process; none where it has opened none. To be asked for
/// once.
///
/// # Errors
/// A descriptor that is no listening TCP socket, or has a name that means nothing here.
pub fn listeners() -> io::Result<Vec<TcpListener>> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let names: Vec<_> = names.split(':').filter(|name| !name.is_empty()).collect();
    let mut passed = ListenFd::from_env();
    let mut listeners = Vec::new();
    for index in 0..passed.len() {
        let name = names.get(index).copied().unwrap_or("unknown");
        let refused = |reason: String| io::Error::other(format!("the passed socket `{name}` {reason}"));
        if !NAMES.contains(&name) {
            return Err(refused("is not known; name it `http`".to_owned()));
        }
        let listener = passed.take_tcp_listener(index).map_err(|error| refused(format!("cannot be used: {error}")))?;
        listeners.extend(listener);
    }
    Ok(listeners)
}

impl Keeper {
    /// Says that the box is ready, and from now on how it stands.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn start(asked: Asked) -> io::Result<Self> {
        let sentence = (asked.sentence)();
        notify(&[NotifyState::Ready, NotifyState::Status(&sentence)]);
        let (told, heard) = channel();
        let watchdog = sd_notify::watchdog_enabled();
        let run = move || {
            let mut keeping = Keeping::new(asked, sentence, watchdog);
            loop {
                match heard.recv_timeout(keeping.step()) {
                    Ok(Told::Reloading(is_done)) => keeping.reloading(is_done),
                    Err(RecvTimeoutError::Timeout) => keeping.look(),
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        };
        let thread = std::thread::Builder::new().name("service".to_owned()).spawn(run)?;
        Ok(Self { told: Some(told), thread: Some(thread) })
    }

    /// Says that the box reads its configuration again, has it begin, and says that it is ready as soon as this is done.
    pub fn reload(&self, begin: impl FnOnce(), is_done: impl Fn() -> bool + Send + 'static) {
        let mut states = vec![NotifyState::Reloading];
        states.extend(NotifyState::monotonic_usec_now());
        notify(&states);
        begin();
        if let Some(told) = &self.told {
            // A keeper whose thread has ended has nobody to tell.
            drop(told.send(Told::Reloading(Box::new(is_done))));
        }
    }

    /// Says that the box stops, and nothing more.
    pub fn stopping(mut self) {
        self.end();
        // Stopping has a bound of its own, so the manager waits for no more signs of life.
        notify(&[
            NotifyState::Stopping,
            NotifyState::Watchdog,
            NotifyState::Status("Stopping: answers what is under way"),
        ]);
    }

    fn end(&mut self) {
        self.told = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps the service manager informed ended in a panic");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.end();
    }
}

/// The thread's own.
struct Keeping {
    asked: Asked,
    sentence: String,
    watchdog: Option<Duration>,
    round: Round,
    clock: Clock,
    looked_ms: i64,
    all_well_ms: i64,
    has_warned: bool,
    reload: Option<(Box<dyn Fn() -> bool + Send>, i64)>,
}

impl Keeping {
    fn new(asked: Asked, sentence: String, watchdog: Option<Duration>) -> Self {
        // How long the threads are silent is a fact of this machine, whatever time the box is told.
        let clock = Clock::system();
        let now_ms = clock.monotonic_ms();
        let round = Round::default();
        let (looked_ms, all_well_ms) = (now_ms, now_ms);
        Self { asked, sentence, watchdog, round, clock, looked_ms, all_well_ms, has_warned: false, reload: None }
    }

    fn step(&self) -> Duration {
        let step = self.watchdog.map_or(STEP_MAX, |watchdog| (watchdog / STEPS_A_WATCHDOG).min(STEP_MAX));
        if self.reload.is_some() { step.min(RELOAD_STEP) } else { step }
    }

    fn reloading(&mut self, is_done: Box<dyn Fn() -> bool + Send>) {
        self.reload = Some((is_done, self.clock.monotonic_ms()));
        self.look();
    }

    fn look(&mut self) {
        let now_ms = self.clock.monotonic_ms();
        if let Some((is_done, since_ms)) = &self.reload
            && (is_done() || now_ms - since_ms > RELOAD_MAX_MS)
        {
            self.reload = None;
            notify(&[NotifyState::Ready]);
        }
        let sentence = (self.asked.sentence)();
        if sentence != self.sentence {
            notify(&[NotifyState::Status(&sentence)]);
            self.sentence = sentence;
        }
        self.look_for_life(now_ms);
    }

    fn look_for_life(&mut self, now_ms: i64) {
        let passed = Duration::from_millis(u64::try_from(now_ms - self.looked_ms).unwrap_or_default());
        self.looked_ms = now_ms;
        let silent = self.round.look(&self.asked.pulses, passed);
        if silent.is_empty() {
            if self.watchdog.is_some() {
                notify(&[NotifyState::Watchdog]);
            }
            if self.has_warned {
                tracing::warn!("every thread makes progress again");
            }
            (self.all_well_ms, self.has_warned) = (now_ms, false);
        } else if let Some(watchdog) = self.watchdog
            && !self.has_warned
            && u128::try_from(now_ms - self.all_well_ms).is_ok_and(|silent_ms| silent_ms > watchdog.as_millis() / 2)
        {
            self.has_warned = true;
            tracing::error!(threads = silent.join(", "), "no progress; the service manager will start the box anew");
        }
    }
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}
