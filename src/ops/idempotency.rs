//! Creates that may be sent twice: the answer is kept in the create's own transaction and given again.
//!
//! Only what succeeded is kept: what was refused made nothing, and is tried anew.

use crate::{
    model::{
        Error, Field, Kind, Result,
        actor::{Actor, Who},
        error::Problem,
        repeat::{Answer, KEPT_MS, Repeat},
    },
    store::{Write, idempotency_keys},
};

/// Old answers that are forgotten with each new one.
const PRUNED_AT_ONCE: i64 = 16;

/// Where the answer to a create comes from.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It was made now.
    Made(T),
    /// It was made before, by the same request.
    Replayed(Answer),
}

/// Does the work, unless the same actor had it done before under the same key: then nothing is done. `keep` says what of
/// the outcome is kept. Without a key the work is done and nothing is kept.
pub fn once<T>(
    write: &Write<'_>,
    who: &Who,
    repeat: Option<&Repeat>,
    keep: impl FnOnce(&T) -> Answer,
    work: impl FnOnce() -> Result<T>,
) -> Result<Outcome<T>> {
    let Some(repeat) = repeat else { return work().map(Outcome::Made) };
    let actor = name(&who.actor);
    let until_ms = write.now_ms() - KEPT_MS;
    match idempotency_keys::get(write, &actor, &repeat.key, until_ms)? {
        Some((request_hash, answer)) if request_hash == repeat.request_hash => return Ok(Outcome::Replayed(answer)),
        Some(_) => return Err(reused()),
        None => {}
    }
    let made = work()?;
    idempotency_keys::prune(write, until_ms, PRUNED_AT_ONCE)?;
    idempotency_keys::put(write, &actor, repeat, &keep(&made))?;
    Ok(Outcome::Made(made))
}

fn reused() -> Error {
    let message = "another request was sent with this Idempotency-Key before; use a new one for each create";
    let mut error = Error::new(Kind::Invalid, "idempotency_key_reused", message);
    let message = "was used for another request".to_owned();
    error.problems.push(Problem { field: Field::Wire("Idempotency-Key"), message });
    error
}

/// Whose keys they are. Who signs in with an API key has keys of its own: it may see less than its user.
fn name(actor: &Actor) -> String {
    let name = actor.user_id.map_or_else(|| format!("actor/{}", actor.name), |id| format!("user/{id}"));
    match &actor.key {
        Some(key) => format!("{name} key/{}", key.id),
        None => name,
    }
}
