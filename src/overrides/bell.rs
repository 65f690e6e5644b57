//! What wakes the thread of the watched files: a change, a request, the end. It must not know what is done about it.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Set by whoever wants something, taken by the one thread that waits.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<Rung>,
    woken: Condvar,
    /// How often it was asked for reading, and how many of these have been served.
    asked: AtomicU64,
    served: AtomicU64,
}

/// What has been asked for since the last look.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    /// Something has happened to the files.
    pub changed: bool,
    /// Somebody wants the files to be read whether they have changed or not.
    pub reload: bool,
    /// The thread shall end. Stays.
    pub stop: bool,
}

impl Bell {
    /// Something has happened to the files.
    pub fn changed(&self) {
        self.ring(|rung| rung.changed = true);
    }

    /// The files shall be read.
    pub fn reload(&self) {
        self.asked.fetch_add(1, Ordering::AcqRel);
        self.ring(|rung| rung.reload = true);
    }

    /// As [`Bell::reload`], for a request that was taken and is still to be served.
    pub(super) fn reload_still(&self) {
        self.ring(|rung| rung.reload = true);
    }

    /// How often reading was asked for: to be noted before a look, and told with [`Bell::served`] after it.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Acquire)
    }

    /// So many requests are served.
    pub(super) fn served(&self, asked: u64) {
        self.served.store(asked, Ordering::Release);
    }

    /// True while a request for reading has not been served.
    pub fn is_reloading(&self) -> bool {
        self.served.load(Ordering::Acquire) < self.asked()
    }

    /// The thread shall end.
    pub fn stop(&self) {
        self.ring(|rung| rung.stop = true);
    }

    /// Waits until something is asked for, at most so long, and takes it.
    pub fn wait(&self, at_most: Duration) -> Rung {
        let idle = |rung: &mut Rung| *rung == Rung::default();
        let waited = self.woken.wait_timeout_while(self.lock(), at_most, idle);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let stop = rung.stop;
        std::mem::replace(&mut *rung, Rung { stop, ..Rung::default() })
    }

    /// Lets so much time pass, unless the thread shall end. What is asked for meanwhile stays to be taken.
    pub fn pause(&self, time: Duration) {
        drop(self.woken.wait_timeout_while(self.lock(), time, |rung| !rung.stop));
    }

    fn ring(&self, set: impl FnOnce(&mut Rung)) {
        set(&mut self.lock());
        self.woken.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
