//! What wakes the thread of the watched files: a change, a request, the end. It must not know what is done about it.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Set by whoever wants something, taken by the one thread that waits.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Mutex<Rung>,
    woken: Condvar,
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
        self.ring(|rung| rung.reload = true);
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
