//! Previews: what a change would do, found out by doing it and undoing it.
//!
//! The verbs run as they always do, in a [`Rehearsal`]; what is told here is read from what they record, so that a preview
//! never knows rules of its own.

use std::collections::HashMap;

use crate::{
    model::{
        CameraId, Error, Kind, OrgId, Result,
        camera::Camera,
        event::{Image, Subject},
        retention::Retention,
    },
    store::{Rehearsal, Told, Write, cameras, organizations},
};

pub use crate::store::FieldChange;

/// Most rows of each list of a preview; the totals count all.
pub const ROWS_MAX: usize = 1000;

/// What a change would do.
#[derive(Debug, Default)]
pub struct Preview {
    /// Fields that would differ, and whose.
    pub changes: Rows<(Subject, FieldChange)>,
    /// What would be gone.
    pub deleted: Rows<Deleted>,
    /// Footage that could be purged at once.
    pub footage: Rows<Footage>,
    /// Why it would be refused; then nothing would change.
    pub refused: Option<Error>,
}

/// The first rows of a list, and how many there are in all.
#[derive(Debug)]
pub struct Rows<T> {
    /// At most [`ROWS_MAX`].
    pub rows: Vec<T>,
    /// All of them.
    pub total: usize,
}

/// Something that would be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// What it is.
    pub subject: Subject,
    /// What people know it by.
    pub name: String,
}

/// Footage of one camera that could be purged: what is older than `to_days` and would have been kept for `from_days`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footage {
    /// The camera.
    pub camera: CameraId,
    /// Its name.
    pub name: String,
    /// The organization it is in now.
    pub organization_id: OrgId,
    /// How long its footage is kept, in days.
    pub from_days: i64,
    /// How long it would be, in days; 0 where the camera would be gone.
    pub to_days: i64,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), total: 0 }
    }
}

impl<T> Rows<T> {
    fn add(&mut self, row: T) {
        self.total += 1;
        if self.rows.len() < ROWS_MAX {
            self.rows.push(row);
        }
    }
}

/// Tries a verb. Whoever may not do it, or asks for what is not there, gets no preview either; every other refusal is part
/// of it.
pub fn of<T>(rehearsal: &Rehearsal<'_, '_>, verb: impl FnOnce(&Write<'_>) -> Result<T>) -> Result<Preview> {
    match verb(rehearsal) {
        Ok(_) => told(rehearsal),
        Err(error) => match error.kind {
            Kind::Forbidden | Kind::NotFound | Kind::Busy | Kind::Unavailable(_) | Kind::Internal => Err(error),
            Kind::Invalid
            | Kind::Taken
            | Kind::LimitReached
            | Kind::Refused
            | Kind::Outdated
            | Kind::Managed
            | Kind::Held => Ok(Preview { refused: Some(error), ..Preview::default() }),
        },
    }
}

/// What a verb would do that has succeeded in this rehearsal.
pub fn told(rehearsal: &Rehearsal<'_, '_>) -> Result<Preview> {
    let all = rehearsal.told();
    let mut preview = Preview::default();
    for told in &all {
        for field in &told.fields {
            preview.changes.add((told.subject, field.clone()));
        }
        if let (Some(before), None) = (&told.before, &told.after) {
            preview.deleted.add(Deleted { subject: told.subject, name: name(before) });
        }
    }
    footage(rehearsal, &all, &mut preview.footage)?;
    Ok(preview)
}

/// The retention of an organization as it is and as it would be.
#[derive(Clone, Copy)]
struct Span {
    before: Retention,
    after: Option<Retention>,
}

fn footage(rehearsal: &Rehearsal<'_, '_>, all: &[Told], found: &mut Rows<Footage>) -> Result<()> {
    let mut spans = Spans { rehearsal, known: HashMap::new() };
    let mut touched: HashMap<CameraId, (Camera, Option<Camera>)> = HashMap::new();
    for told in all {
        match (&told.before, &told.after) {
            (Some(Image::Organization(before)), after) => {
                let after = match after {
                    Some(Image::Organization(after)) => Some(after.organization.retention),
                    _ => None,
                };
                let span = Span { before: before.organization.retention, after };
                spans.known.entry(before.organization.id).and_modify(|known| known.after = after).or_insert(span);
            }
            (Some(Image::Camera(before)), after) => {
                let after = match after {
                    Some(Image::Camera(after)) => Some(after.clone()),
                    _ => None,
                };
                let known = touched.entry(before.id).or_insert_with(|| (before.clone(), None));
                known.1 = after;
            }
            _ => {}
        }
    }
    let mut shortened: Vec<(OrgId, Span)> = spans.known.iter().map(|(id, span)| (*id, *span)).collect();
    shortened.retain(|(_, span)| span.after.is_some_and(|after| !span.before.shortened(&after).is_empty()));
    for (id, _) in shortened {
        for camera in cameras::of_organization(rehearsal, id)? {
            touched.entry(camera.id).or_insert_with(|| (camera.clone(), Some(camera)));
        }
    }
    let mut touched: Vec<_> = touched.into_values().collect();
    touched.sort_unstable_by_key(|(before, _)| (before.organization_id, before.id));
    for (before, after) in touched {
        let from_days = spans.of(before.organization_id)?.before.purge(before.kind).days;
        let to_days = match after {
            None => 0,
            Some(after) => {
                let then = spans.of(after.organization_id)?.after;
                then.map_or(0, |retention| retention.purge(after.kind).days)
            }
        };
        if to_days < from_days {
            let Camera { id, organization_id, name, .. } = before;
            found.add(Footage { camera: id, name, organization_id, from_days, to_days });
        }
    }
    Ok(())
}

struct Spans<'r, 'w, 'c> {
    rehearsal: &'r Rehearsal<'w, 'c>,
    known: HashMap<OrgId, Span>,
}

impl Spans<'_, '_, '_> {
    /// What was not recorded has not changed.
    fn of(&mut self, id: OrgId) -> Result<Span> {
        if let Some(span) = self.known.get(&id) {
            return Ok(*span);
        }
        let retention = organizations::get(self.rehearsal, id)?.ok_or_else(Error::internal)?.retention;
        let span = Span { before: retention, after: Some(retention) };
        self.known.insert(id, span);
        Ok(span)
    }
}

fn name(image: &Image) -> String {
    match image {
        Image::Organization(image) => image.organization.name.clone(),
        Image::Member(member) => member.login.clone(),
        Image::Camera(camera) => camera.name.clone(),
        Image::User(user) => user.login.clone(),
        Image::Key(key) => key.name.clone(),
        Image::Branding(branding) => branding.name.clone(),
        Image::Igrp(igrp) => igrp.name.clone(),
    }
}
