//! `GET /export` and `POST /import`: organizations with all that hangs on them, carried from box to box or through a
//! spreadsheet. Super administrators only: an export tells of everybody, and an import may make administrators.

use std::{
    io::{Read, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    web::Bytes,
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use futures_util::stream;
use serde::Serialize;

use super::{
    auth, error,
    previews::PreviewBody,
    query::Query,
    transfer_read,
    transfer_wire::{self, Form, MEMBER_COLUMNS, ORGANIZATION_COLUMNS},
};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
    },
    model::{
        Error, Field, Result,
        actor::Actor,
        transfer::{Import, Mistake, Tallies, Tally},
    },
    ops::{
        preview::{self, Preview},
        transfer,
    },
};

/// Bytes of a file that the operator imports through the local socket; over a network `[limits] max_body_bytes` holds.
const LOCAL_BYTES_MAX: usize = 64 << 20;
/// Bytes of an export, packed, that are held in memory while a client takes it: some ten times as much unpacked.
const PACKED_BYTES_MAX: usize = 64 << 20;
/// Bytes that are sent at once.
const CHUNK_BYTES: usize = 64 << 10;

/// What an import would do, or has done.
#[derive(Serialize)]
struct Told {
    applied: bool,
    tallies: Vec<TallyBody>,
    mistakes: Vec<MistakeBody>,
    preview: Option<PreviewBody>,
}

#[derive(Serialize)]
struct TallyBody {
    kind: &'static str,
    created: u64,
    changed: u64,
    unchanged: u64,
}

/// What is wrong with one line; `field` is null where it is the line.
#[derive(Serialize)]
pub struct MistakeBody {
    line: u64,
    field: Option<String>,
    message: String,
}

impl From<Mistake> for MistakeBody {
    fn from(Mistake { line, field, message }: Mistake) -> Self {
        Self { line, field: Some(field).filter(|field| !field.is_empty()), message }
    }
}

/// `GET /export?format=ndjson|csv&kind=organizations|members`: one snapshot. It is packed into memory first, so that a slow
/// client holds up neither other reads nor the write-ahead log.
pub async fn export(call: Call) -> Outcome {
    let actor = auth::super_administrator(&call).await?;
    let form = form(&Query::of(&call, &["format", "kind"])?)?;
    let mut head = HttpResponse::Ok();
    head.insert_header((CONTENT_TYPE, form.media_type()));
    head.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", form.file_name())));
    if call.is_head() {
        return Ok(head.body(actix_web::body::None::new()));
    }
    let now_ms = call.shared().clock.now_ms();
    let packed = call.scan(move |read| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        transfer::export(read, &actor, form.extent(), now_ms, &mut |entry| {
            let text = form.write(&entry).map_err(|error| transfer_wire::unwritten(&error))?;
            packer.write_all(&text).map_err(|error| transfer_wire::unwritten(&error))?;
            if packer.get_ref().len() <= PACKED_BYTES_MAX {
                return Ok(());
            }
            let message = "is too large to be exported at once; make a backup, or export a table";
            Err(Error::refused(Field::Wire("format"), "too_large", message))
        })?;
        packer.finish().map_err(|error| transfer_wire::unwritten(&error))
    });
    let unpacker = GzDecoder::new(std::io::Cursor::new(packed.await?));
    Ok(head.streaming(stream::unfold(Some(unpacker), |unpacker| async move {
        let mut unpacker = unpacker?;
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        match (&mut unpacker as &mut dyn Read).take(CHUNK_BYTES as u64).read_to_end(&mut chunk) {
            Ok(0) => None,
            Ok(_) => Some((Ok(Bytes::from(chunk)), Some(unpacker))),
            Err(error) => Some((Err(actix_web::Error::from(transfer_wire::broken(&error))), None)),
        }
    })))
}

/// `POST /import?dry_run=true|false` with a file as `GET /export` writes it: all of it or nothing. It deletes nothing.
pub async fn import(call: Call) -> Outcome {
    let actor = auth::super_administrator(&call).await?;
    let query = Query::of(&call, &["dry_run"])?;
    let dry_run = query.word("dry_run", &[("true", true), ("false", false)])?.unwrap_or(false);
    let bytes_max = if actor == Actor::command_line() { Some(LOCAL_BYTES_MAX) } else { None };
    let bytes = body::bytes_up_to(&call, bytes_max.unwrap_or(call.settings().limits.max_body_bytes)).await?;
    let (import, mistakes) = transfer_read::read(&bytes);
    drop(bytes);
    if !mistakes.is_empty() {
        return refused(&call, dry_run, mistakes);
    }
    let noted = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&noted);
    let done = if dry_run { tried(&call, actor, import, notes).await } else { done(&call, actor, import, notes).await };
    match done {
        Ok((Tallies(tallies), preview)) => {
            let tally = |(kind, Tally { created, changed, unchanged })| TallyBody { kind, created, changed, unchanged };
            let tallies = tallies.into_iter().map(tally).collect();
            let preview = preview.map(PreviewBody::written).transpose()?;
            call.json(StatusCode::OK, &Told { applied: !dry_run, tallies, mistakes: Vec::new(), preview })
        }
        Err(Failure::Rule(Error { code: "import_refused", .. })) => {
            let mistakes = std::mem::take(&mut *noted.lock().unwrap_or_else(PoisonError::into_inner));
            refused(&call, dry_run, mistakes)
        }
        Err(failure) => Err(failure),
    }
}

type Notes = Arc<Mutex<Vec<Mistake>>>;

async fn tried(
    call: &Call,
    actor: Actor,
    import: Import,
    notes: Notes,
) -> std::result::Result<(Tallies, Option<Preview>), Failure> {
    call.rehearse(actor, move |rehearsal, who| {
        let tallies = noting(&notes, |mistakes| transfer::import(rehearsal, who, &import, mistakes))?;
        Ok((tallies, Some(preview::told(rehearsal)?)))
    })
    .await
}

async fn done(
    call: &Call,
    actor: Actor,
    import: Import,
    notes: Notes,
) -> std::result::Result<(Tallies, Option<Preview>), Failure> {
    call.write(actor, move |write, who| {
        let tallies = noting(&notes, |mistakes| transfer::import(write, who, &import, mistakes))?;
        Ok((tallies, None))
    })
    .await
}

/// What an error undoes takes its mistakes with it, so they are handed out beside it.
fn noting<T>(notes: &Notes, work: impl FnOnce(&mut Vec<Mistake>) -> Result<T>) -> Result<T> {
    let mut mistakes = Vec::new();
    let outcome = work(&mut mistakes);
    *notes.lock().unwrap_or_else(PoisonError::into_inner) = mistakes;
    outcome
}

/// A plan tells the mistakes; an import is refused for them.
fn refused(call: &Call, dry_run: bool, mistakes: Vec<Mistake>) -> Outcome {
    let mistakes: Vec<MistakeBody> = mistakes.into_iter().map(MistakeBody::from).collect();
    if dry_run {
        return call.json(StatusCode::OK, &Told { applied: false, tallies: Vec::new(), mistakes, preview: None });
    }
    Ok(error::mistaken(mistakes, &call.request_id()))
}

fn form(query: &Query) -> std::result::Result<Form, Failure> {
    let format = query.word("format", &[("ndjson", false), ("csv", true)])?.unwrap_or(false);
    let kinds: [(&str, &'static [&'static str]); 2] =
        [("organizations", &ORGANIZATION_COLUMNS), ("members", &MEMBER_COLUMNS)];
    match (format, query.word("kind", &kinds)?) {
        (false, None) => Ok(Form::JsonLines),
        (true, Some(columns)) => Ok(Form::Csv(columns)),
        (true, None) => {
            Err(Error::invalid(Field::Wire("kind"), "must be organizations or members, for a table is of one kind")
                .into())
        }
        (false, Some(_)) => Err(Error::invalid(Field::Wire("kind"), "goes with format=csv only").into()),
    }
}
