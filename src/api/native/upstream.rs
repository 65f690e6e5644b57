//! `/upstream`: how sending to the billing system stands, what it does not take, and what an operator decides. Administrators
//! only; every decision stands in the audit trail. What they decide makes room or asks for none to speak of, so that it goes
//! through on a full disk as well.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
};
use serde::Serialize;
use serde_json::{json, value::RawValue};
use uuid::Uuid;

use super::{
    auth,
    input::Body,
    page::Page,
    query::{Query, moment},
};
use crate::{
    api::{
        body,
        call::Call,
        carriage,
        failure::{Failure, Outcome},
        link::Told,
    },
    model::{Error, Field, actor::Actor, event::Event, queue::Parked},
    ops::{carry::Settled, upstream},
};

/// An event that was set aside, on the wire.
#[derive(Serialize)]
struct ParkedBody {
    event: String,
    r#type: String,
    subject: String,
    version: i64,
    position: String,
    time: Option<String>,
    parked: Option<String>,
    reason: String,
    followers: i64,
    data: Box<RawValue>,
}

/// `GET /upstream`: the state of the link and of the queue.
pub async fn view(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    answer(&call, actor).await
}

/// `GET /upstream/parked?limit=&cursor=`: what was set aside, in the order in which it was recorded.
pub async fn parked(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let query = Query::of(&call, &["limit", "cursor"])?;
    let limit = query.limit()?;
    let after = query.position::<i64>()?.unwrap_or(0);
    let one_more = usize::try_from(limit + 1).unwrap_or(usize::MAX);
    let found = call.scan(move |read| upstream::parked(read, &actor, after, one_more)).await?;
    let page = Page::new(found, limit, |parked| parked.event.position.seq);
    let mut unwritable = false;
    let page = page.map(|parked| {
        let body = ParkedBody::of(parked);
        unwritable |= body.is_none();
        body
    });
    if unwritable { Err(Error::internal().into()) } else { call.json(StatusCode::OK, &page) }
}

/// `POST /upstream/retry`: tells everything again that was set aside.
pub async fn retry_all(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let retried = call.housekeeping(actor, upstream::retry_all).await?;
    call.shared().upstream.try_now();
    call.json(StatusCode::OK, &json!({ "retried": retried }))
}

/// `POST /upstream/parked/{event}/retry`: tells the subject of this event again.
pub async fn retry(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let event = event(&call)?;
    call.housekeeping(actor, move |write, who| upstream::retry(write, who, event)).await?;
    call.shared().upstream.try_now();
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /upstream/parked/{event}/drop` `{"reason"}`: gives up this event and what came later of its subject.
pub async fn drop(call: Call) -> Outcome {
    const REASON: Field = Field::Wire("reason");
    let actor = auth::administrator(&call).await?;
    let event = event(&call)?;
    let reason = text(&call, REASON).await?;
    call.housekeeping(actor, move |write, who| upstream::drop(write, who, event, &reason)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /upstream/resume`: ends a quarantine in a new epoch.
pub async fn resume(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    call.housekeeping(actor.clone(), upstream::resume).await?;
    decided(&call, actor).await
}

/// `POST /upstream/new-site`: makes a copied box a site of its own.
pub async fn new_site(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    call.housekeeping(actor.clone(), upstream::new_site).await?;
    decided(&call, actor).await
}

/// `POST /upstream/resync`: has everything told anew.
pub async fn resync(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    call.housekeeping(actor.clone(), upstream::resync).await?;
    decided(&call, actor).await
}

/// `POST /upstream/try`: has the next try made at once, with the credentials as they are now.
pub async fn try_now(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    call.housekeeping(actor.clone(), upstream::note_try).await?;
    decided(&call, actor).await
}

/// `POST /upstream/export`: prepares the next file, or finds the one that no receipt has come for.
pub async fn prepare(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let carriage::Ready { batch, last_seq } = carriage::prepare(&call, &actor).await?;
    let last = batch.seqs.last().copied().unwrap_or_default();
    let body = json!({
        "batch": batch.id.hyphenated().to_string(),
        "first_seq": batch.from_seq,
        "last_seq": last,
        "events": batch.seqs.len(),
        "more_waits": last < last_seq,
    });
    call.json(StatusCode::OK, &body)
}

/// `GET /upstream/export`: the prepared file, the same to the letter until its receipt is here.
pub async fn export(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let is_head = call.is_head();
    let copy = carriage::copy(call, actor).await?;
    let mut head = HttpResponse::Ok();
    head.insert_header((CONTENT_TYPE, "application/x-ndjson"));
    head.insert_header((CONTENT_DISPOSITION, "attachment; filename=\"events.ndjson\""));
    if is_head { Ok(head.body(actix_web::body::None::new())) } else { Ok(head.streaming(copy)) }
}

/// `POST /upstream/ack` `{"receipt"}`: settles the prepared file by the text of its receipt.
pub async fn acknowledge(call: Call) -> Outcome {
    const RECEIPT: Field = Field::Wire("receipt");
    let actor = auth::administrator(&call).await?;
    let receipt = text(&call, RECEIPT).await?;
    let settled = carriage::settle(&call, actor, &receipt).await?;
    let Settled { delivered, rejected, already } = settled;
    call.json(StatusCode::OK, &json!({ "delivered": delivered, "rejected": rejected, "already": already }))
}

impl ParkedBody {
    fn of(parked: Parked) -> Option<Self> {
        let Parked { event, reason, followers, parked_at_ms } = parked;
        let Event { position, id, kind, subject, version, at_ms, data } = event;
        Some(Self {
            event: id.hyphenated().to_string(),
            r#type: kind,
            subject,
            version,
            position: position.to_string(),
            time: moment(at_ms),
            parked: moment(parked_at_ms),
            reason,
            followers,
            data: RawValue::from_string(data).ok()?,
        })
    }
}

/// What was decided is done by whoever sends, at once.
async fn decided(call: &Call, actor: Actor) -> Outcome {
    call.shared().upstream.try_now();
    answer(call, actor).await
}

async fn answer(call: &Call, actor: Actor) -> Outcome {
    let told = told(call, actor).await?;
    call.json(StatusCode::OK, &told)
}

/// The state of the link and of the queue, for the caller.
pub async fn told(call: &Call, actor: Actor) -> Result<Told, Failure> {
    let standing = call.scan(move |read| upstream::standing(read, &actor)).await?;
    Ok(Told::of(call.shared().upstream.link(), standing, call.shared().clock.now_ms()))
}

fn event(call: &Call) -> Result<Uuid, Failure> {
    Uuid::try_parse(call.path("event")).map_err(|_| Call::no_such("parked event"))
}

/// The one text of a body.
async fn text(call: &Call, field: Field) -> Result<String, Failure> {
    let body = body::json_object(call).await?;
    let mut body = Body::of(&body);
    let text = body.text(field);
    let text = body.required(field, text);
    body.finish()?;
    Ok(text)
}
