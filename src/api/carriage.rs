//! Events carried by file, between a dialect and the file's form: what is prepared, copied and settled, also on a
//! full disk: what is settled makes room. It knows no wire.

use futures_util::{Stream, stream};

use actix_web::web::Bytes;

use super::{call::Call, failure::Failure};
use crate::{
    model::{
        Error, Field, Kind,
        actor::Actor,
        queue::{Frozen, Progress},
    },
    ops::{
        carry::{self, Settled},
        outbox,
    },
    upstream::{
        carry::{self as file, Copy},
        handle::Setup,
        settings::Credentials,
        sign::SigningKey,
    },
};

/// Drafts that are made before it is given up that one can be frozen: the queue may change in between.
const DRAFTS_MAX: usize = 5;

/// A file that is ready to be copied.
pub struct Ready {
    /// The batch in it.
    pub batch: Frozen,
    /// The newest event of the box: what is behind the batch's last goes into the next file.
    pub last_seq: i64,
}

/// Prepares the next file, or finds the one that is under way.
pub async fn prepare(call: &Call, actor: &Actor) -> Result<Ready, Failure> {
    let _key = key(call)?;
    while call.housekeeping(actor.clone(), carry::tell_more).await? {}
    for _ in 0..DRAFTS_MAX {
        let by = actor.clone();
        let draft = call.scan(move |read| file::draft(read, &by)).await?;
        let frozen = call.housekeeping(actor.clone(), move |write, who| file::freeze(write, who, &draft)).await;
        match frozen {
            Ok(Some(batch)) => {
                let Progress { last_seq, .. } = call.read(outbox::progress)?;
                return Ok(Ready { batch, last_seq });
            }
            Ok(None) => {}
            Err(Failure::Rule(error)) if error.code == "queue_changed" => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(Error::new(Kind::Busy, "queue_changed", "the queue changes too fast; try again").into())
}

/// The file under way, as it is read.
pub async fn copy(
    call: Call,
    actor: Actor,
) -> Result<impl Stream<Item = Result<Bytes, actix_web::Error>> + 'static, Failure> {
    let key = key(&call)?;
    let by = actor.clone();
    let copy = call.scan(move |read| Copy::begin(read, &by, &key)).await?;
    let copy = copy.ok_or_else(|| Error::not_found("prepared file"))?;
    Ok(stream::unfold(Some((call, actor, copy)), |state| async move {
        let (call, actor, mut copy) = state?;
        let by = actor.clone();
        let read = call.scan(move |read| Ok((copy.next(read, &by)?, copy))).await;
        match read {
            Ok((Some(text), copy)) => Some((Ok(Bytes::from(text)), Some((call, actor, copy)))),
            Ok((None, _)) => None,
            // Without the last chunk of its transfer encoding every client reports that it broke off.
            Err(failure) => Some((Err(failure.into()), None)),
        }
    }))
}

/// Settles the file under way by the text of its receipt.
pub async fn settle(call: &Call, actor: Actor, receipt: &str) -> Result<Settled, Failure> {
    let receipt = file::receipt(&key(call)?, receipt);
    let receipt = receipt.map_err(|why| Error::invalid(Field::Wire("receipt"), why))?;
    let settled = call.housekeeping(actor, move |write, who| carry::settle(write, who, &receipt)).await?;
    call.shared().upstream.try_now();
    Ok(settled)
}

fn key(call: &Call) -> Result<SigningKey, Failure> {
    match call.shared().upstream.setup() {
        Setup::Export { credentials: Credentials { signing_key: Some(key), .. }, .. } => Ok(key),
        Setup::Export { .. } | Setup::Off | Setup::Send(_) => {
            let message = "events are carried by file only where [upstream] has a signing_secret_file and no url";
            Err(Error::new(Kind::Refused, "not_carried", message).into())
        }
    }
}
