//! The overlay under random files, writes and moves: what is in force is what the files say, or else what was stored, and
//! without files exactly what was stored is there again.

use std::collections::BTreeMap;

use orgbox::{
    model::{
        Kind, OrgId,
        organization::{NewOrganization, OrganizationPatch},
        overrides::{self, Document, FIELDS, Place, Selector, Setting, Table, Value, default_value},
    },
    ops::{
        hierarchy,
        organization::{self, Children, Deletion},
        overrides::{Outcome, clear, expire, replace},
    },
};
use proptest::prelude::*;

use super::{
    number,
    resolve::{naive, selectors, steps},
};
use crate::support::Bare;

const NAMES: i64 = 9;

/// The fields that these tests write: their places among all, a text that is never nothing, a text that may be, numbers
/// and a flag.
const WRITTEN: [usize; 6] = [0, 1, 3, 5, 8, 15];

#[derive(Debug, Clone)]
enum Step {
    Create { name: i64, parents: Vec<i64>, limit: Option<i64> },
    Write { name: i64, field: usize, value: u8 },
    Clear { name: i64, limit: bool },
    Relink { name: i64, parents: Vec<i64> },
    Delete { name: i64, cascade: bool },
    Apply(Document),
    Expire,
    LetGo,
}

fn value_of(field: usize, value: u8) -> Value {
    let number_of = i64::from(value) + 1;
    match FIELDS[field].1 {
        overrides::ValueKind::Text => Value::Text(format!("text {value}")),
        overrides::ValueKind::Number => number(number_of),
        overrides::ValueKind::Flag => Value::Flag(value.is_multiple_of(2)),
    }
}

fn document() -> impl Strategy<Value = Document> {
    let settings = prop::collection::btree_map(prop::sample::select(WRITTEN.as_slice()), 0..3_u8, 0..4);
    let table = (selectors(NAMES), settings, prop::bool::weighted(0.2), any::<bool>(), 0..3_u8);
    prop::collection::vec(table, 0..7).prop_map(|tables| {
        let mut document = Document { allow_shrink: true, ..Document::default() };
        for ((selector, settings, create, ends, file), line) in tables.into_iter().zip(1..) {
            let place = Place { file: format!("config.d/{file}.toml"), line };
            let setting = |(field, value): (usize, u8)| Setting {
                field: FIELDS[field].0,
                value: value_of(field, value),
                place: place.clone(),
            };
            let settings = BTreeMap::into_iter(settings).map(setting).collect();
            let create = create && matches!(selector, Selector::Name(_));
            let expires_at_ms = ends.then_some(if line % 2 == 0 { i64::MAX } else { 1 });
            document.tables.push(Table { selector, place, settings, create, parents: Vec::new(), expires_at_ms });
        }
        document
    })
}

fn step() -> impl Strategy<Value = Step> {
    let name = || 1..NAMES;
    let parents = || prop::collection::vec(1..NAMES, 0..3);
    prop_oneof![
        6 => (name(), parents(), prop::option::of(1..4_i64))
            .prop_map(|(name, parents, limit)| Step::Create { name, parents, limit }),
        4 => (name(), prop::sample::select(WRITTEN.as_slice()), 0..3_u8)
            .prop_map(|(name, field, value)| Step::Write { name, field, value }),
        2 => (name(), any::<bool>()).prop_map(|(name, limit)| Step::Clear { name, limit }),
        4 => (name(), parents()).prop_map(|(name, parents)| Step::Relink { name, parents }),
        1 => (name(), any::<bool>()).prop_map(|(name, cascade)| Step::Delete { name, cascade }),
        4 => document().prop_map(Step::Apply),
        1 => Just(Step::Expire),
        1 => Just(Step::LetGo),
    ]
}

/// What the APIs stored, by name and place of the field. Kept beside the box, by hand.
type Stored = BTreeMap<String, BTreeMap<usize, Option<Value>>>;

struct Game {
    bare: Bare,
    stored: Stored,
    tables: Vec<Table>,
}

impl Game {
    fn id(&self, name: i64) -> OrgId {
        let found = self.bare.column(&format!("SELECT id FROM organizations WHERE name = 'n{name}'"));
        OrgId(found.first().map_or(9999, |id| id.parse().unwrap()))
    }

    fn ids(&self, names: &[i64]) -> Vec<OrgId> {
        names.iter().map(|name| self.id(*name)).collect()
    }

    fn play(&mut self, step: Step) {
        match step {
            Step::Create { name, parents, limit } => {
                let parents = self.ids(&parents);
                let mut new = NewOrganization {
                    name: Some(format!("n{name}")),
                    title: "text 1".to_owned(),
                    parents,
                    ..NewOrganization::default()
                };
                new.limits.camera_limit = limit.into();
                let made = self.bare.write(move |write, who| organization::create(write, who, new));
                if made.is_ok() {
                    self.stored.insert(format!("n{name}"), fresh("text 1", limit));
                }
            }
            Step::Write { name, field, value } => {
                let mut patch = OrganizationPatch::default();
                let value = value_of(field, value);
                assert!(overrides::set(&mut patch, FIELDS[field].0, &value));
                self.update(name, field, patch, Some(value));
            }
            Step::Clear { name, limit } => {
                let mut patch = OrganizationPatch::default();
                let field = if limit { 5 } else { 1 };
                match limit {
                    true => patch.limits.camera_limit = orgbox::model::Patch::Clear,
                    false => patch.description = orgbox::model::Patch::Clear,
                }
                self.update(name, field, patch, None);
            }
            Step::Relink { name, parents } => {
                let (id, parents) = (self.id(name), self.ids(&parents));
                drop(self.bare.write(move |write, who| hierarchy::set_parents(write, who, id, &parents)));
            }
            Step::Delete { name, cascade } => {
                let id = self.id(name);
                let children = if cascade { Children::Cascade } else { Children::Rehang };
                let deletion = Deletion { children, refuse_cameras: false };
                drop(self.bare.write(move |write, who| organization::delete(write, who, id, deletion)));
                let left = self.bare.column("SELECT name FROM organizations");
                self.stored.retain(|name, _| left.contains(name));
            }
            Step::Apply(document) => self.apply(document),
            Step::Expire => {
                // Ended tables were never taken, so nothing ends but by the clock.
                assert_eq!(self.bare.store.write(expire), Ok(None));
            }
            Step::LetGo => {
                self.bare.write(clear).unwrap();
                self.tables.clear();
            }
        }
    }

    fn apply(&mut self, document: Document) {
        let before = self.bare.column("SELECT max(seq) FROM outbox")[0].clone();
        let applied = document.clone();
        let outcome = self.bare.store.write(move |write| replace(write, &applied)).unwrap();
        let report = super::applied(outcome);
        self.tables = document.tables;
        self.tables.retain(|table| table.expires_at_ms.is_none_or(|ends| ends > 1));
        for name in &report.created {
            let table = self.tables.iter().find(|table| table.create && table.selector.name() == Some(name)).unwrap();
            let title = table.settings.iter().find(|setting| setting.field == FIELDS[0].0);
            let title = title.map_or(name.clone(), |setting| setting.value.to_string());
            self.stored.insert(name.clone(), fresh(&title, None));
        }
        let told = format!(
            "SELECT count(*) || '/' || count(DISTINCT subject) FROM outbox \
             WHERE seq > {before} AND type = 'io.orgbox.organization.updated.v1'"
        );
        let changed = report.changed.len();
        assert_eq!(self.bare.column(&told), [format!("{changed}/{changed}")], "one event for each that changed");
    }

    /// A write past a file is refused and stores nothing; one of the value in force is fine and stores nothing.
    fn update(&mut self, name: i64, field: usize, patch: OrganizationPatch, value: Option<Value>) {
        let id = self.id(name);
        let name = format!("n{name}");
        let updated = self.bare.write(move |write, who| organization::update(write, who, id, patch));
        if !self.stored.contains_key(&name) {
            assert_eq!(updated.map(drop).map_err(|error| error.kind), Err(Kind::NotFound));
            return;
        }
        let said = self.said(&name, field);
        let wanted = value.clone().or_else(|| default_value(FIELDS[field].0));
        match said {
            None => {
                updated.unwrap();
                let stored = self.stored.get_mut(&name).unwrap().get_mut(&field).unwrap();
                // What is in force already is not stored once more: a default that is spelled out stays a default.
                if stored.clone().or_else(|| default_value(FIELDS[field].0)) != wanted || value.is_none() {
                    *stored = value;
                }
            }
            Some(said) if Some(&said) == wanted.as_ref() => drop(updated.unwrap()),
            Some(_) => {
                let refused = updated.unwrap_err();
                assert_eq!((refused.kind, refused.code), (Kind::Managed, "managed_by_file"));
            }
        }
    }

    /// What the files say of a field, by hand.
    fn said(&self, name: &str, field: usize) -> Option<Value> {
        let id = |name: &str| self.id(name[1..].parse().unwrap()).0;
        let links = self.bare.column("SELECT parent_id || ' ' || child_id FROM organization_parents");
        let links: Vec<(i64, i64)> = links
            .iter()
            .map(|link| link.split_once(' ').unwrap())
            .map(|(parent, child)| (parent.parse().unwrap(), child.parse().unwrap()))
            .collect();
        let winner = naive(&self.tables, field, name, |root| steps(&links, id(name), id(root)))?;
        let table = &self.tables[winner as usize];
        table.settings.iter().find(|setting| setting.field == FIELDS[field].0).map(|setting| setting.value.clone())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for (name, fields) in &self.stored {
            for (field, stored) in fields {
                let key = FIELDS[*field].0.core_name();
                let found =
                    self.bare.column(&format!("SELECT {key} FROM organizations_in_force WHERE name = '{name}'"));
                let default = default_value(FIELDS[*field].0);
                let wanted = self.said(name, *field).or_else(|| stored.clone()).or(default);
                prop_assert_eq!(&found[0], &shown(wanted), "{} of {}", key, name);
            }
        }
        Ok(())
    }

    /// Exactly what was stored, nothing for nothing, and nothing left behind.
    fn check_let_go(&self) -> Result<(), TestCaseError> {
        self.bare.write(clear).unwrap();
        for (name, fields) in &self.stored {
            for (field, stored) in fields {
                let key = FIELDS[*field].0.core_name();
                let found = self.bare.column(&format!("SELECT {key} FROM organizations WHERE name = '{name}'"));
                prop_assert_eq!(&found[0], &shown(stored.clone()), "{} of {}", key, name);
            }
        }
        let left = "SELECT (SELECT count(*) FROM managed_fields) + (SELECT count(*) FROM override_tables) + \
                    (SELECT count(*) FROM override_settings) + (SELECT count(*) FROM override_state)";
        prop_assert_eq!(self.bare.column(left), ["0"]);
        let folded = "SELECT count(*) FROM organizations WHERE title_key <> lower(title)";
        prop_assert_eq!(self.bare.column(folded), ["0"]);
        Ok(())
    }
}

fn fresh(title: &str, limit: Option<i64>) -> BTreeMap<usize, Option<Value>> {
    let mut fields: BTreeMap<usize, Option<Value>> = WRITTEN.iter().map(|field| (*field, None)).collect();
    fields.insert(0, Some(Value::Text(title.to_owned())));
    fields.insert(3, Some(number(200)));
    fields.insert(5, limit.map(number));
    fields.insert(15, Some(Value::Flag(false)));
    fields
}

/// As a query of the test shows it.
fn shown(value: Option<Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Flag(flag)) => u8::from(flag).to_string(),
        Some(other) => other.to_string(),
    }
}

/// Whoever applies the events in order has the organizations as they are.
fn check_events(bare: &Bare) -> Result<(), TestCaseError> {
    let stale = "WITH newest AS (SELECT subject, max(seq) AS seq FROM outbox GROUP BY subject) \
                 SELECT o.id || ' ' || json_extract(b.data, '$.state') FROM organizations_in_force o \
                 JOIN newest n ON n.subject = 'organization/' || o.id JOIN outbox b ON b.seq = n.seq \
                 WHERE b.version > o.version \
                 OR json_extract(b.data, '$.state.title') IS NOT o.title \
                 OR json_extract(b.data, '$.state.description') IS NOT o.description \
                 OR json_extract(b.data, '$.state.status') IS NOT o.status \
                 OR json_extract(b.data, '$.state.camera_limit') IS NOT o.camera_limit \
                 OR json_extract(b.data, '$.state.purge_days') IS NOT o.purge_days \
                 OR json_extract(b.data, '$.state.exclusive_partner_only') IS NOT o.exclusive_partner_only";
    prop_assert_eq!(bare.column(stale), Vec::<String>::new());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn in_force_is_what_the_files_say_or_else_what_was_stored(played in prop::collection::vec(step(), 1..40)) {
        let mut game = Game { bare: Bare::new(), stored: Stored::new(), tables: Vec::new() };
        for step in played {
            game.play(step);
        }
        game.check()?;
        check_events(&game.bare)?;
        let again = Document { tables: game.tables.clone(), allow_shrink: true, ..Document::default() };
        let outcome = game.bare.store.write(move |write| replace(write, &again)).unwrap();
        let Outcome::Applied(report) = outcome else { panic!("{outcome:?}") };
        prop_assert_eq!(report.changed, [], "what was made and moved has had its share already");
        game.check_let_go()?;
        check_events(&game.bare)?;
    }
}
