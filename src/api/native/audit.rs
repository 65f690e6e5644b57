//! `GET /audit`, `/audit/export` and `/audit/verify`: the audit trail, page by page or whole, and whether it is whole.
//!
//! A trail grows for years. It is read in bounded steps with nothing held between them, so that whoever reads all of it holds
//! up neither the writer nor the write-ahead log.

use std::rc::Rc;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    web::Bytes,
};
use futures_util::stream;
use serde::Serialize;

use super::{
    audit_wire::{self, Format, Row},
    auth, page,
    query::Query,
};
use crate::{
    api::{
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{
        UserId,
        actor::Actor,
        audit::{AuditFilter, AuditHead, AuditOrder, AuditSlice, BrokenLink, Entry, Progress, Verification},
    },
    ops::audit,
};

/// Bytes of before and after from which on a page ends before its limit.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Rows of an export that are read at once.
const EXPORTED_AT_ONCE: usize = 1000;

const FILTERS: [&str; 9] =
    ["actor", "user", "key", "operation", "subject", "organization", "dialect", "since", "until"];

/// `GET /audit`: newest first unless `order=oldest`. A page with a `next` may be shorter than its limit, even empty.
pub async fn list(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let query = Query::of(&call, &[&FILTERS[..], &["order", "limit", "cursor"]].concat())?;
    let filter = filter(&call, &actor, &query)?;
    let order = order(&query)?.unwrap_or(AuditOrder::NewestFirst);
    let limit = usize::try_from(page::limit(query.text("limit"))?).unwrap_or(usize::MAX);
    let mut after: Option<i64> = page::position(query.text("cursor"))?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut bytes = 0;
    loop {
        let slice = slice(&call, &actor, &filter, order, after, limit - entries.len()).await?;
        bytes += slice.entries.iter().map(size).sum::<usize>();
        entries.extend(slice.entries);
        after = slice.next;
        if after.is_none() || entries.len() >= limit || bytes >= PAGE_BYTES_MAX {
            break;
        }
    }
    let rows: Vec<Row<'_>> = entries.iter().map(Row::from).collect();
    call.json(StatusCode::OK, &page::Page::until(rows, after))
}

/// `GET /audit/export?format=ndjson|csv`: every row that fits, oldest first unless `order=newest`, as it is read. An export
/// that breaks off ends without the last chunk of its transfer encoding, which every client reports.
pub async fn export(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    let query = Query::of(&call, &[&FILTERS[..], &["order", "format"]].concat())?;
    let filter = filter(&call, &actor, &query)?;
    let order = order(&query)?.unwrap_or(AuditOrder::OldestFirst);
    let format = query.word("format", &Format::NAMES)?.unwrap_or(Format::JsonLines);
    // Read before the answer begins, so that what fails at once is answered as a failure.
    let first = slice(&call, &actor, &filter, order, None, EXPORTED_AT_ONCE).await?;
    let mut head = HttpResponse::Ok();
    head.insert_header((CONTENT_TYPE, format.media_type()));
    head.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"audit.{}\"", format.extension())));
    if call.is_head() {
        return Ok(head.body(actix_web::body::None::new()));
    }
    let begin = format.head().map_err(audit_wire::unwritten)?;
    let asked = Rc::new((call, actor, filter));
    let chunks = stream::unfold(Export::Slice(begin, first), move |state| {
        let asked = Rc::clone(&asked);
        async move {
            let (mut text, slice) = match state {
                Export::Slice(text, slice) => (text, slice),
                Export::After(after) => {
                    let (call, actor, filter) = &*asked;
                    match slice(call, actor, filter, order, Some(after), EXPORTED_AT_ONCE).await {
                        Ok(slice) => (Vec::new(), slice),
                        Err(failure) => return Some((Err(failure.into()), Export::End)),
                    }
                }
                Export::End => return None,
            };
            let rest = slice.next.map_or(Export::End, Export::After);
            let written = format.rows(&mut text, &slice.entries).map_err(audit_wire::unwritten);
            Some((written.map(|()| Bytes::from(text)).map_err(actix_web::Error::from), rest))
        }
    });
    Ok(head.streaming(chunks))
}

/// `GET /audit/verify`: whether the trail is whole, or the first row at which it is not.
pub async fn verify(call: Call) -> Outcome {
    let actor = auth::administrator(&call).await?;
    Query::of(&call, &[])?;
    let mut walk = None;
    let found = loop {
        let by = actor.clone();
        match call.scan(move |read| audit::verify(read, &by, walk)).await? {
            Progress::More(on) => walk = Some(on),
            Progress::Done(found) => break found,
        }
    };
    call.json(StatusCode::OK, &Verified::from(found))
}

/// What an export does next.
enum Export {
    /// Writes these rows, behind this text.
    Slice(Vec<u8>, AuditSlice),
    /// Reads on.
    After(i64),
    /// Nothing.
    End,
}

#[derive(Serialize)]
struct Verified {
    ok: bool,
    rows: u64,
    head: Head,
    first_broken: Option<Broken>,
}

#[derive(Serialize)]
struct Head {
    id: i64,
    hash: String,
}

#[derive(Serialize)]
struct Broken {
    id: i64,
    why: &'static str,
}

impl From<Verification> for Verified {
    fn from(found: Verification) -> Self {
        let Verification { rows, head: AuditHead { id, hash }, first_broken } = found;
        Self {
            ok: first_broken.is_none(),
            rows,
            head: Head { id, hash: audit_wire::hex(&hash) },
            first_broken: first_broken.map(|BrokenLink { id, why }| Broken { id, why: why.name() }),
        }
    }
}

async fn slice(
    call: &Call,
    actor: &Actor,
    filter: &AuditFilter,
    order: AuditOrder,
    after: Option<i64>,
    limit: usize,
) -> Result<AuditSlice, Failure> {
    let (actor, filter) = (actor.clone(), filter.clone());
    call.scan(move |read| audit::list(read, &actor, &filter, order, after, limit)).await
}

fn filter(call: &Call, actor: &Actor, query: &Query) -> Result<AuditFilter, Failure> {
    let text = |name| query.text(name).map(str::to_owned);
    let organization = query.text("organization");
    let user = query.number("user", 1, u64::MAX)?;
    let operations = ["create", "update", "delete"].map(|name| (name, name));
    Ok(AuditFilter {
        actor: text("actor"),
        actor_user_id: user.map(|id| UserId(i64::try_from(id).unwrap_or(i64::MAX))),
        actor_key: text("key"),
        operation: query.word("operation", &operations)?.map(str::to_owned),
        subject: text("subject"),
        organization_id: organization
            .map(|name_or_id| call.read(|read| audit::organization(read, actor, name_or_id)))
            .transpose()?,
        dialect: text("dialect"),
        since_ms: query.moment_ms("since")?,
        until_ms: query.moment_ms("until")?,
    })
}

fn order(query: &Query) -> Result<Option<AuditOrder>, Failure> {
    query.word("order", &[("newest", AuditOrder::NewestFirst), ("oldest", AuditOrder::OldestFirst)])
}

fn size(entry: &Entry) -> usize {
    entry.before.as_ref().map_or(0, String::len) + entry.after.as_ref().map_or(0, String::len)
}
