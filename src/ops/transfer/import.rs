//! Taking a file: in which order, what is counted, and every mistake with its line. All of it is undone by an error.

use std::collections::{HashMap, HashSet};

use crate::{
    model::{
        CameraId, Error, Field, Kind, OrgId, Result,
        actor::{Action, Who},
        error::Problem,
        transfer::{Import, Item, LINES_MAX, Line, MISTAKES_MAX, Mistake, Tallies, Tally},
    },
    ops::load,
    store::{Write, organizations, site},
};

/// Kinds in the order in which they are taken: each after those that it names.
const KINDS: [&str; 7] = ["igrp", "user", "organization", "branding", "member", "camera", "hold"];
/// The code of a line that is wrong only because of another that is told of.
const FOLLOWS: &str = "follows";

/// What came of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Created,
    Changed,
    Unchanged,
}

/// An import under way.
pub(super) struct Importer<'w, 'i> {
    pub(super) write: &'w Write<'w>,
    pub(super) who: &'w Who,
    /// The file comes from this box: ids are its own.
    pub(super) same_site: bool,
    /// Organizations that it made.
    pub(super) made: HashSet<OrgId>,
    /// Versions of the organizations that were there before it.
    pub(super) versions: HashMap<OrgId, i64>,
    /// Names of organizations whose lines are wrong.
    pub(super) broken: HashSet<&'i str>,
    /// Logins of users whose lines are wrong.
    pub(super) broken_users: HashSet<&'i str>,
    /// Cameras by their ids in the file.
    pub(super) cameras: HashMap<CameraId, Option<CameraId>>,
    /// Cameras that lines were about.
    pub(super) matched: HashSet<CameraId>,
    /// The cameras that organizations had, by name.
    pub(super) named: HashMap<OrgId, Vec<(String, CameraId)>>,
    tallies: HashMap<&'static str, Tally>,
    mistakes: &'w mut Vec<Mistake>,
}

/// Takes a file, all or nothing: with a mistake in any line it is refused, and the mistakes are there. Nothing is deleted.
pub fn import(write: &Write<'_>, who: &Who, import: &Import, mistakes: &mut Vec<Mistake>) -> Result<Tallies> {
    let _grant = load::administer_change(&who.actor, Action::AdministerAdministrators)?;
    if import.lines.len() > LINES_MAX {
        let message = format!("may have {LINES_MAX} lines at most; give it in parts");
        return Err(Error::refused(Field::Wire("body"), "too_much_at_once", message));
    }
    let site = site::get(write)?.map(|site| site.site_uuid);
    let mut importer = Importer {
        write,
        who,
        same_site: import.site.is_some() && import.site == site,
        made: HashSet::new(),
        versions: HashMap::new(),
        broken: HashSet::new(),
        broken_users: HashSet::new(),
        cameras: HashMap::new(),
        matched: HashSet::new(),
        named: HashMap::new(),
        tallies: HashMap::new(),
        mistakes,
    };
    importer.run(&import.lines)?;
    let Importer { tallies, mistakes, .. } = importer;
    if mistakes.is_empty() {
        let told = KINDS.into_iter().filter_map(|kind| Some((kind, *tallies.get(kind)?)));
        return Ok(Tallies(told.collect()));
    }
    mistakes.sort_by_key(|mistake| mistake.line);
    Err(Error::new(
        Kind::Refused,
        "import_refused",
        format!("{} mistakes stand in the way; nothing was changed", mistakes.len()),
    ))
}

impl<'i> Importer<'_, 'i> {
    fn run(&mut self, lines: &'i [Line]) -> Result<()> {
        let lines = self.each_once(lines)?;
        let organizations: Vec<_> = lines
            .iter()
            .filter_map(|line| if let Item::Organization(item) = &line.item { Some((*line, item)) } else { None })
            .collect();
        for (_, item) in &organizations {
            if let Some(stands) = organizations::get_by_name(self.write, &item.name)? {
                self.versions.insert(stands.id, stands.version);
            }
        }
        self.kind(&lines, "igrp")?;
        self.kind(&lines, "user")?;
        self.make_organizations(&organizations)?;
        self.kind(&lines, "branding")?;
        for (line, item) in &organizations {
            self.hang(line, item)?;
        }
        for (line, item) in &organizations {
            self.settle(line, item)?;
        }
        self.kind(&lines, "member")?;
        self.kind(&lines, "camera")?;
        self.kind(&lines, "hold")
    }

    /// The lines without those that are about what another one is about.
    fn each_once(&mut self, lines: &'i [Line]) -> Result<Vec<&'i Line>> {
        let mut met: HashMap<(&str, String), u64> = HashMap::new();
        let mut once = Vec::with_capacity(lines.len());
        for line in lines {
            let (key, field) = match &line.item {
                Item::Igrp(igrp) => (igrp.id.to_string(), Field::Id),
                Item::User(user) => (user.login.clone(), Field::Login),
                Item::Organization(organization) => (organization.name.clone(), Field::Name),
                Item::Branding(branding) => (branding.branding.id.to_string(), Field::Id),
                Item::Member(member) => (format!("{}/{}", member.organization, member.login), Field::Login),
                // Several cameras may have one name.
                Item::Camera(_) | Item::Hold(_) => {
                    once.push(line);
                    continue;
                }
            };
            match met.insert((line.item.kind(), key), line.number) {
                None => once.push(line),
                Some(first) => self.fail(line, Error::invalid(field, format!("stands in line {first} already")))?,
            }
        }
        Ok(once)
    }

    fn kind(&mut self, lines: &[&'i Line], kind: &'static str) -> Result<()> {
        for line in lines.iter().filter(|line| line.item.kind() == kind) {
            match self.apply(&line.item) {
                Ok(outcome) => self.count(kind, outcome),
                Err(error) => {
                    if let Item::User(user) = &line.item {
                        self.broken_users.insert(&user.login);
                    }
                    self.fail(line, error)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn count(&mut self, kind: &'static str, outcome: Outcome) {
        let tally = self.tallies.entry(kind).or_default();
        *match outcome {
            Outcome::Created => &mut tally.created,
            Outcome::Changed => &mut tally.changed,
            Outcome::Unchanged => &mut tally.unchanged,
        } += 1;
    }

    /// Notes what is wrong with a line, and goes on: whoever mends a file wants to hear of all of it. What the file cannot
    /// help ends the import.
    pub(super) fn fail(&mut self, line: &Line, error: Error) -> Result<()> {
        match error.kind {
            Kind::Busy | Kind::Unavailable(_) | Kind::Internal => return Err(error),
            Kind::Invalid
            | Kind::Forbidden
            | Kind::NotFound
            | Kind::Taken
            | Kind::LimitReached
            | Kind::Refused
            | Kind::Outdated
            | Kind::Managed
            | Kind::Held => {}
        }
        if error.code == FOLLOWS {
            return Ok(());
        }
        if error.problems.is_empty() {
            self.mistakes.push(Mistake { line: line.number, field: String::new(), message: error.message });
        } else {
            let told = error.problems.into_iter().map(|Problem { field, message }| Mistake {
                line: line.number,
                field: spelt(field).to_owned(),
                message,
            });
            self.mistakes.extend(told);
        }
        if self.mistakes.len() < MISTAKES_MAX {
            return Ok(());
        }
        Err(Error::new(Kind::Refused, "import_refused", "there are more mistakes than are told; nothing was changed"))
    }

    /// The error of a line that can only be right once another one is.
    pub(super) fn follows(&self) -> Error {
        Error::new(Kind::Refused, FOLLOWS, "waits for a line that is wrong")
    }
}

/// A field by the name that it has in a file.
fn spelt(field: Field) -> &'static str {
    match field {
        Field::Owner => "owner",
        Field::Member => "login",
        Field::Camera => "name",
        Field::OrganizationTypes | Field::OrganizationRefs => "placements",
        Field::Wire("organization_id") => "organization",
        field => field.core_name(),
    }
}
