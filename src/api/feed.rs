//! Waiting for events: how many may wait, what wakes them, and that none outlives the server. Knows no event and no wire.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::watch;

use crate::model::{Error, Kind, Result};

/// Most requests that follow the feed at once, waiting polls and open streams together: each keeps a connection, and up to a
/// page of events while it is sent. One more is answered [`Kind::Busy`].
pub const FOLLOWERS_MAX: usize = 64;

/// Wakes those who follow. One for the whole server.
pub struct Feed {
    state: watch::Sender<State>,
    followers: AtomicUsize,
}

#[derive(Clone, Copy, Default)]
struct State {
    /// Rises whenever there may be new events.
    news: u64,
    stopping: bool,
}

impl Feed {
    /// Nobody follows yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { state: watch::Sender::default(), followers: AtomicUsize::new(0) })
    }

    /// There may be new events. Does not block.
    pub fn wake(&self) {
        self.state.send_modify(|state| state.news += 1);
    }

    /// Ends every wait, now and later, so that a server that stops waits for nobody who waits for it.
    pub fn stop(&self) {
        self.state.send_modify(|state| state.stopping = true);
    }

    /// How many follow now.
    pub fn followers(&self) -> usize {
        self.followers.load(Ordering::Acquire)
    }

    /// Takes a place among those who follow. To be called before the first look, so that no event falls between.
    pub fn follow(self: &Arc<Self>) -> Result<Follower> {
        let follower = Follower { feed: Arc::clone(self), state: self.state.subscribe() };
        if self.followers.fetch_add(1, Ordering::AcqRel) >= FOLLOWERS_MAX {
            let message = format!("at most {FOLLOWERS_MAX} requests can wait for changes at once; ask without waiting");
            return Err(Error::new(Kind::Busy, "busy", message));
        }
        Ok(follower)
    }
}

/// A place among those who follow; given back when dropped, also where the client has gone away.
pub struct Follower {
    feed: Arc<Feed>,
    state: watch::Receiver<State>,
}

impl Follower {
    /// Waits until there may be events since the last call, or since [`Feed::follow`]. False where the server stops.
    pub async fn news(&mut self) -> bool {
        !self.is_stopping() && self.state.changed().await.is_ok() && !self.is_stopping()
    }

    /// True where the server stops.
    pub fn is_stopping(&self) -> bool {
        self.state.borrow().stopping
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.feed.followers.fetch_sub(1, Ordering::AcqRel);
    }
}
