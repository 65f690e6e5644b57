//! `/overrides`: the watched files, what they have put in force, and what they would.

use actix_web::http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{auth, overrides_wire as wire};
use crate::{
    api::{
        body,
        call::Call,
        failure::{Failure, Outcome},
        watched::Told,
    },
    model::{
        Error, Field,
        actor::{Action, Actor},
        overrides::Document,
    },
    ops::{load, overrides},
};

/// Most files of one plan; as many as a configuration may have.
const FILES_MAX: usize = 257;

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    told: Told,
    /// Settings in force, and organizations that are to be made.
    entries: i64,
    tables: Vec<wire::Table>,
}

/// `GET /overrides` → how the files stand, and every table in force.
pub async fn show(call: Call) -> Outcome {
    super_administrator(&call).await?;
    let told = Told::of(&call.shared().overrides.state());
    let in_force = call.scan(overrides::in_force).await?;
    let entries = in_force.as_ref().map_or(0, |in_force| in_force.entries);
    let tables = in_force.map(|in_force| in_force.tables).unwrap_or_default();
    let tables = tables.into_iter().map(wire::table).collect();
    call.json(StatusCode::OK, &Shown { told, entries, tables })
}

/// `POST /overrides/plan` → what these files would change, were they the configuration: `{"files": [{"name", "text"}]}`.
/// Without `files` it is the files as they stand on the box. Nothing changes. Mistakes are part of the answer.
pub async fn plan(call: Call) -> Outcome {
    super_administrator(&call).await?;
    let texts = texts(body::json_object(&call).await?)?;
    let (handle, now_ms) = (call.shared().overrides.clone(), call.shared().clock.now_ms());
    let planned = call.scan(move |read| {
        let document: Result<Document, _> = match texts {
            Some(texts) => handle.read_texts(texts),
            None => handle.read_files(),
        };
        Ok(match document {
            Ok(document) => Ok(overrides::plan(read, &document, now_ms)?),
            Err(mistakes) => Err((mistakes.lines, mistakes.count)),
        })
    });
    let answer = match planned.await? {
        Ok(plan) => wire::plan(plan),
        Err((lines, count)) => wire::mistaken(lines, count),
    };
    call.json(StatusCode::OK, &answer)
}

/// `POST /overrides/clear` → what the APIs had stored is in force again, and the files that are there are read anew: what
/// they say holds, what vanished with a file does not.
pub async fn clear(call: Call) -> Outcome {
    let actor = super_administrator(&call).await?;
    let report = call.write(actor, overrides::clear).await?;
    call.shared().overrides.reload();
    let changed: Vec<_> = report.changed.into_iter().map(|changed| changed.name).collect();
    call.json(StatusCode::OK, &json!({ "changed": changed }))
}

/// `POST /overrides/reload` → the files are read soon, changed or not. Answers how they stand so far.
pub async fn reload(call: Call) -> Outcome {
    let actor = super_administrator(&call).await?;
    // No change passes the writer before this answers, yet reading the files again may change what is in force.
    let _grant = load::administer_change(&actor, Action::AdministerAdministrators)?;
    call.shared().overrides.reload();
    call.json(StatusCode::ACCEPTED, &Told::of(&call.shared().overrides.state()))
}

/// Who asks, where only super administrators may: the files are the box's own and hold more than organizations.
async fn super_administrator(call: &Call) -> Result<Actor, Failure> {
    let actor = auth::signed_in(call).await?;
    let _grant = load::administer(&actor, Action::AdministerAdministrators)?;
    Ok(actor)
}

/// Names and texts; `None` where there is no `files`.
fn texts(mut body: Map<String, Value>) -> Result<Option<Vec<(String, String)>>, Failure> {
    let files = body.remove("files");
    if body.keys().next().is_some() {
        return Err(Error::invalid(Field::Wire("body"), "may hold nothing but files").into());
    }
    let wrong = || Error::invalid(Field::Wire("files"), "must be 1 to 257 objects, each with name and text");
    let files = match files {
        None => return Ok(None),
        Some(Value::Array(files)) if (1..=FILES_MAX).contains(&files.len()) => files,
        Some(_) => return Err(wrong().into()),
    };
    let text = |file: Value| {
        let Value::Object(mut file) = file else { return None };
        match (file.remove("name")?, file.remove("text")?) {
            (Value::String(name), Value::String(text)) if file.is_empty() => Some((name, text)),
            _ => None,
        }
    };
    let texts: Option<Vec<_>> = files.into_iter().map(text).collect();
    Ok(Some(texts.ok_or_else(wrong)?))
}
