//! What the sender is given, and what a pass of it comes to. Plain values: nothing here decides anything.

use std::{path::PathBuf, sync::Arc};

use super::{
    client::Post,
    link::Status,
    settings::{Credentials, Settings},
};
use crate::{clock::Clock, store::Store};

/// What a pass came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Something was done, and there may be more.
    Again,
    /// Nothing is due before this moment of the monotonic clock, in milliseconds, unless something is recorded.
    Idle(i64),
    /// Nothing is tried before this moment, whatever is recorded.
    Wait(i64),
}

/// What the sender is given.
pub struct Parts {
    /// The database.
    pub store: Arc<Store>,
    /// Where it is; the high-water file lies beside it.
    pub database: PathBuf,
    /// The box's clock.
    pub clock: Clock,
    /// How and where to send.
    pub settings: Settings,
    /// Reads the credentials anew; the refusal is a phrase without any secret.
    pub credentials: Box<dyn FnMut() -> std::result::Result<Credentials, String> + Send>,
    /// The network.
    pub post: Box<dyn Post>,
    /// Random numbers from 0 to 1.
    pub dice: Box<dyn FnMut() -> f64 + Send>,
    /// Where to tell how the link stands.
    pub status: Arc<Status>,
}
