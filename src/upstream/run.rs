//! The sender's thread: waits for something to do, and has it done, one pass at a time. It must not know what a pass does.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    time::Duration,
};

use super::{
    client::{Client, Post, Request},
    handle::{Handle, Setup, Target, Wanted, at_first},
    link::State,
    reply::{Failure, Outcome},
    sender::{Parts, Pass, Sender},
    settings::{Credentials, Settings},
};
use crate::{clock::Clock, model::Result, ops::outbox, store::Store};

/// The longest wait without a look, so that a clock that jumps or a thread that is watched costs nothing more.
const LOOK: Duration = Duration::from_secs(10);
/// Between two times of tidying up where nothing is sent.
const BETWEEN_TIDYINGS: Duration = Duration::from_secs(10);
/// After a fault of the box itself.
const AFTER_FAULT: Duration = Duration::from_secs(10);
/// The longest that a pass takes: a request that uses up its time, and what is written before and after.
const PASS_MAX: Duration = Duration::from_secs(90);
/// How long a stop waits for a request under way. Its batch is frozen, so nothing is lost where it is left to itself.
const STOP_TIMEOUT: Duration = Duration::from_secs(3);

/// The box, as the thread needs it.
pub struct Ground {
    /// The database.
    pub store: Arc<Store>,
    /// Where it is.
    pub database: PathBuf,
    /// The box's clock.
    pub clock: Clock,
    /// Random numbers from 0 to 1.
    pub dice: fn() -> f64,
}

/// The thread, until it is stopped.
pub struct Running {
    handle: Handle,
    ended: Receiver<()>,
}

/// Starts the thread. It is woken by whatever the store records.
///
/// # Errors
/// There is no thread to be had.
pub fn start(handle: Handle, ground: Ground) -> std::io::Result<Running> {
    let (end, ended) = sync_channel(0);
    ground.store.on_events({
        let handle = handle.clone();
        move || handle.wake()
    });
    let desk = handle.clone();
    std::thread::Builder::new().name("upstream".to_owned()).spawn(move || {
        run(&desk, &ground);
        // Hanging up is the message.
        drop(end);
    })?;
    Ok(Running { handle, ended })
}

impl Running {
    /// Ends the thread, and waits for it unless the network holds it up.
    pub fn stop(self) {
        self.handle.stop();
        if self.ended.recv_timeout(STOP_TIMEOUT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            tracing::info!("upstream: a request is under way; its batch is sent again after the next start");
        }
    }
}

fn run(handle: &Handle, ground: &Ground) {
    let mut is_first = true;
    loop {
        let setup = handle.setup();
        let work = || match &setup {
            Setup::Off => tidy_up(handle, ground),
            Setup::Export { queue_bytes, .. } => keep(handle, ground, *queue_bytes),
            Setup::Send(target) => send(handle, ground, target, is_first),
        };
        let stop = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
            // The panic itself has been logged by its hook.
            tracing::error!("upstream: the sender ended in a panic; it is started again");
            at_fault(handle, ground, "the sender failed and is started again");
            handle.wait(AFTER_FAULT, |wanted| wanted.now || wanted.changed).stop
        });
        if stop {
            return;
        }
        is_first = false;
    }
}

/// Sends until the setup changes. True where the thread shall end.
fn send(handle: &Handle, ground: &Ground, target: &Target, is_first: bool) -> bool {
    let client = match Client::new(&target.route) {
        Ok(client) => client,
        Err(why) => {
            tracing::error!(why, "upstream: nothing can be sent");
            handle.status().set(
                State::Held(super::verdict::Hold::Configuration),
                Some(why.to_owned()),
                0,
                None,
                now(ground),
            );
            return until_asked(handle, |wanted| wanted.changed).stop;
        }
    };
    let mut settings = target.settings.clone();
    if !is_first {
        settings.start_jitter_ms = 0;
    }
    let read_again = Arc::clone(&target.read_again);
    drive(
        handle,
        ground,
        Parts {
            store: Arc::clone(&ground.store),
            database: ground.database.clone(),
            clock: ground.clock.clone(),
            settings,
            credentials: Box::new(move || read_again()),
            post: Box::new(client),
            dice: Box::new(ground.dice),
            status: handle.status(),
        },
    )
}

/// Keeps what is recorded until it is exported, until the setup changes. True where the thread shall end.
fn keep(handle: &Handle, ground: &Ground, queue_bytes: i64) -> bool {
    drive(
        handle,
        ground,
        Parts {
            store: Arc::clone(&ground.store),
            database: ground.database.clone(),
            clock: ground.clock.clone(),
            settings: Settings::to_be_exported(queue_bytes),
            credentials: Box::new(|| Ok(Credentials::default())),
            post: Box::new(Nowhere),
            dice: Box::new(ground.dice),
            status: handle.status(),
        },
    )
}

/// The network of a box that has none.
struct Nowhere;

impl Post for Nowhere {
    fn post(&mut self, _: &Request<'_>) -> Outcome {
        Outcome::Failed(Failure::Connect)
    }
}

fn at_fault(handle: &Handle, ground: &Ground, why: &str) {
    let next_try_ms = now(ground) + i64::try_from(AFTER_FAULT.as_millis()).unwrap_or_default();
    handle.status().set(State::Fault, Some(why.to_owned()), 0, Some(next_try_ms), now(ground));
}

/// Takes pass after pass until the setup changes. True where the thread shall end.
fn drive(handle: &Handle, ground: &Ground, parts: Parts) -> bool {
    let mut sender = match Sender::new(parts) {
        Ok(sender) => sender,
        Err(error) => {
            tracing::error!(%error, "upstream: the database could not be opened; trying again");
            at_fault(handle, ground, "the database could not be opened");
            return handle.wait(AFTER_FAULT, |wanted| wanted.now || wanted.changed).stop;
        }
    };
    loop {
        handle.pulse().excuse(PASS_MAX);
        let wanted = rest(handle, ground, sender.run_once());
        if wanted.stop {
            sender.stop();
            return true;
        }
        if wanted.changed {
            return false;
        }
        if wanted.now {
            sender.try_now();
        }
    }
}

/// Waits as long as a pass said, unless something comes up.
fn rest(handle: &Handle, ground: &Ground, pass: Pass) -> Wanted {
    let until = |at_ms: i64| {
        Duration::from_millis(u64::try_from(at_ms - ground.clock.monotonic_ms()).unwrap_or_default()).min(LOOK)
    };
    match pass {
        Pass::Again => handle.wait(Duration::ZERO, |_| true),
        Pass::Idle(at_ms) => handle.wait(until(at_ms), |wanted| wanted != Wanted::default()),
        Pass::Wait(at_ms) => handle.wait(until(at_ms), |wanted| wanted.changed || wanted.now),
    }
}

/// Waits for as long as it takes.
fn until_asked(handle: &Handle, enough: impl Fn(Wanted) -> bool) -> Wanted {
    loop {
        let wanted = handle.wait(LOOK, &enough);
        if wanted.stop || enough(wanted) {
            return wanted;
        }
    }
}

/// Keeps what is recorded within bounds while nothing is sent. True where the thread shall end, false where the setup has
/// changed.
fn tidy_up(handle: &Handle, ground: &Ground) -> bool {
    handle.status().set(at_first(&handle.setup()), None, 0, None, now(ground));
    loop {
        let tidied = tidy(&ground.store);
        let failed = tidied.is_err();
        match tidied {
            Ok(true) => {
                let wanted = handle.wait(Duration::ZERO, |_| true);
                if wanted.stop || wanted.changed {
                    return wanted.stop;
                }
                continue;
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "what was recorded could not be tidied up; trying again"),
        }
        // Not after every change: a moment later many more are dealt with at once.
        let wanted = handle.wait(BETWEEN_TIDYINGS, |wanted| wanted.changed);
        if wanted.stop || wanted.changed {
            return wanted.stop;
        }
        if !wanted.recorded && !failed {
            let wanted = until_asked(handle, |wanted| wanted.changed || wanted.recorded);
            if wanted.stop || wanted.changed {
                return wanted.stop;
            }
        }
    }
}

/// True where there may be more to do.
fn tidy(store: &Store) -> Result<bool> {
    store.housekeeping(outbox::send_nothing)?;
    store.housekeeping(|write| outbox::prune(write, outbox::WINDOW_EVENTS))
}

fn now(ground: &Ground) -> i64 {
    ground.clock.now_ms()
}
