//! Waiting for what comes by itself, without a guess at how long it takes.

use std::time::Duration;

/// Looks taken until something comes true; each takes its time, so this is patience enough.
pub const TRIES: usize = 4000;

/// Asks until it is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..TRIES {
        if so() {
            return;
        }
        breathe();
    }
    panic!("in vain: {what}");
}

/// Keeps tries from being over in no time: waits a moment on a channel through which nothing ever comes.
pub fn breathe() {
    let (_open, wait) = std::sync::mpsc::channel::<()>();
    wait.recv_timeout(Duration::from_millis(5)).unwrap_err();
}
