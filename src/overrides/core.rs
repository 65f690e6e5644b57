//! What the file edge asks of the core. It must not know files or threads.

use std::collections::BTreeMap;

use super::state::Expiring;
use crate::{
    model::{Error, Result, overrides::Document},
    store::{Read, Store},
};

/// What is in force.
#[derive(Debug, Default)]
pub(super) struct InForce {
    /// SHA-256 of the files.
    pub digest: Option<[u8; 32]>,
    /// Milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Sentences.
    pub warnings: Vec<String>,
    /// Within a day.
    pub expiring: Vec<Expiring>,
    /// How many settings each file manages.
    pub managed: BTreeMap<String, usize>,
}

/// Why a document was not put in force.
#[derive(Debug)]
pub(super) enum Refusal {
    Held(String),
    Mistakes(Vec<String>),
    Failed(Error),
}

pub(super) fn in_force(read: &Read<'_>) -> Result<InForce> {
    let _ = read;
    Ok(InForce::default())
}

pub(super) fn replace(store: &Store, document: Document) -> std::result::Result<usize, Refusal> {
    let _ = (store, document);
    Ok(0)
}

pub(super) fn next_expiry(read: &Read<'_>) -> Result<Option<i64>> {
    let _ = read;
    Ok(None)
}

pub(super) fn expire(store: &Store) -> Result<usize> {
    let _ = store;
    Ok(0)
}
