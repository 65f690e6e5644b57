//! Changing organizations: what is to be done is foreseen, confirmed where it destroys, done and told.

use serde_json::{Map, Value, json};

use super::{Create, Delete, FLAGS, Set};
use crate::cli::{
    ask::NOTHING_CHANGED,
    ask::{Form, Rehearsal},
    client::{Client, at, escape},
    failed::{Failed, Problem},
    fields,
    output::{done, say, show_json, text},
    preview::Preview,
};

pub(super) fn create(client: &Client, wanted: Create) -> Result<(), Failed> {
    let Create { name, fields, parents, rehearsal, form } = wanted;
    let mut body: Map<String, Value> = fields::patch(&fields)?;
    body.retain(|_, value| !value.is_null());
    body.entry("title").or_insert_with(|| name.clone().into());
    body.insert("name".to_owned(), name.clone().into());
    let parents = known(client, &parents)?;
    if !parents.is_empty() {
        body.insert("parents".to_owned(), ids(&parents));
    }
    if rehearsal.dry_run {
        if client.try_send("GET", &format!("/organizations/{}", escape(&name)), None)?.is_ok() {
            return Err(Failed::refused(format!("an organization has the name or the id `{name}` already")));
        }
        return done(&format!("Would make the organization `{name}` below {}.", named(&parents)), NOTHING_CHANGED);
    }
    let organization = client.send("POST", "/organizations", Some(&body.into()))?;
    if form.json {
        return show_json(&organization);
    }
    let next = match organization["owner"].as_str() {
        Some(_) => format!("Give it members with: orgbox member add {name} LOGIN"),
        None => format!("It has no owner, and so no members yet. Give it one with: orgbox org set {name} owner=LOGIN"),
    };
    done(&format!("Made the organization `{name}` (id {}) below {}.", organization["id"], named(&parents)), &next)
}

pub(super) fn set(client: &Client, wanted: &Set) -> Result<(), Failed> {
    let Set { organization, fields, rehearsal, consent, form } = wanted;
    let patch = Value::from(fields::patch(fields)?);
    let organization = client.organization(organization)?;
    let name = text(&organization["name"]);
    let subject = format!("organization/{}", organization["id"]);
    let preview = Preview::of_patch(client, &at(&organization), &patch)?;
    if rehearsal.dry_run && form.json {
        return show_json(preview.whole());
    }
    if let Some(problem) = preview.refusal() {
        return Err(problem.told(FLAGS));
    }
    if preview.changes_nothing() && !rehearsal.dry_run && !form.json {
        return say(&format!("`{name}` is like that already; nothing was changed."));
    }
    let lost = preview.footage_lost();
    if rehearsal.dry_run {
        let mut told = vec![format!("Would change `{name}`:"), preview.changes(&subject)];
        if !lost.is_empty() {
            told.push(format!("Footage kept shorter than now is deleted:\n{lost}"));
        }
        return done(&told.join("\n"), NOTHING_CHANGED);
    }
    if !lost.is_empty() {
        let loss = format!(
            "`{name}` changes:\n{}\nFootage kept shorter than now is deleted:\n{lost}",
            preview.changes(&subject)
        );
        consent.ask(&loss, name)?;
    }
    // What was shown and confirmed is what is done, or nothing.
    let changed = client.try_send_for(&organization, "PATCH", &at(&organization), Some(&patch))?;
    let changed = changed.map_err(|problem| problem.told(FLAGS))?;
    if form.json {
        return show_json(&changed);
    }
    done(
        &format!("Changed `{name}`:\n{}", preview.changes(&subject)),
        &format!("See where its values come from with: orgbox explain {name}"),
    )
}

pub(super) fn hang(
    client: &Client,
    organization: &str,
    parents: &[String],
    rehearsal: Rehearsal,
    form: Form,
) -> Result<(), Failed> {
    let organization = client.organization(organization)?;
    let name = text(&organization["name"]);
    let parents = known(client, parents)?;
    if rehearsal.dry_run {
        return done(&format!("Would hang `{name}` below {}.", named(&parents)), NOTHING_CHANGED);
    }
    let path = format!("{}/parents", at(&organization));
    let answer = client.send("PUT", &path, Some(&json!({ "parents": ids(&parents) })))?;
    if form.json {
        return show_json(&answer);
    }
    done(&format!("`{name}` hangs below {} now.", named(&parents)), "Look at it with: orgbox org tree")
}

pub(super) fn delete(client: &Client, wanted: &Delete) -> Result<(), Failed> {
    let Delete { organization, children, rehearsal, consent, form } = wanted;
    let organization = client.organization(organization)?;
    let (id, name) = (&organization["id"], text(&organization["name"]));
    let preview = Preview::of_deletion(client, &at(&organization), &json!({ "children": children.name() }))?;
    if rehearsal.dry_run && form.json {
        return show_json(preview.whole());
    }
    if let Some(problem) = preview.refusal() {
        return Err(refused(name, problem));
    }
    let loss = loss(&organization, &preview);
    if rehearsal.dry_run {
        return done(&loss, NOTHING_CHANGED);
    }
    consent.ask(&loss, name)?;
    let path = format!("{}?children={}", at(&organization), children.name());
    let answer = client.try_send_for(&organization, "DELETE", &path, None)?;
    let answer = answer.map_err(|problem| refused(name, problem))?;
    if form.json {
        return show_json(&answer);
    }
    done(&format!("Deleted `{name}` (id {id})."), "The audit trail keeps what it was: orgbox audit list")
}

fn loss(organization: &Value, preview: &Preview) -> String {
    let name = text(&organization["name"]);
    let mut told = vec![format!("The organization `{name}` (id {}) goes for ever. Deleted are:", organization["id"])];
    told.push(preview.deleted());
    let lost = preview.footage_lost();
    if !lost.is_empty() {
        told.push(format!("Footage that is no longer kept:\n{lost}"));
    }
    told.join("\n")
}

/// With what to do where the children are in the way.
fn refused(name: &str, problem: Problem) -> Failed {
    let has_children = problem.code == "has_children";
    let Failed { code, message } = problem.told(FLAGS);
    if !has_children {
        return Failed { code, message };
    }
    let remedy = format!(
        "with --children reattach what hangs below `{name}` hangs below its parents then, with --children cascade it \
         is deleted, too"
    );
    Failed { code, message: format!("{message}; {remedy}") }
}

fn known(client: &Client, wanted: &[String]) -> Result<Vec<Value>, Failed> {
    wanted.iter().map(|wanted| client.organization(wanted)).collect()
}

fn ids(organizations: &[Value]) -> Value {
    organizations.iter().map(|organization| organization["id"].clone()).collect()
}

fn named(organizations: &[Value]) -> String {
    let names = organizations.iter().map(|organization| format!("`{}`", text(&organization["name"])));
    let names: Vec<_> = names.collect();
    if names.is_empty() { "the default organization".to_owned() } else { names.join(" and ") }
}
