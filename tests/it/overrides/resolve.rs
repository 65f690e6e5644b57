//! Which table wins, against a reference that is too simple to be wrong.

use std::collections::BTreeMap;

use orgbox::model::{
    OrgId,
    hierarchy::{Edit, Hierarchy},
    overrides::{self, FIELDS, Place, Rules, Selector, Setting, Table, Value, Winners},
};
use proptest::prelude::*;

use super::number;

const NODES: i64 = 24;

/// Links down from smaller to greater ids, so that there is no cycle.
fn links() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((1..NODES, 1..NODES), 0..60)
        .prop_map(|pairs| pairs.into_iter().filter(|(parent, child)| parent < child).collect())
}

pub fn selectors(names: i64) -> impl Strategy<Value = Selector> {
    prop_oneof![
        1 => Just(Selector::All),
        4 => (1..names).prop_map(|id| Selector::Subtree(format!("n{id}"))),
        2 => (1..names).prop_map(|id| Selector::Name(format!("n{id}"))),
    ]
}

fn tables() -> impl Strategy<Value = Vec<Table>> {
    // Few fields, so that tables meet; names past the nodes, which nothing has.
    let table = (selectors(NODES + 3), prop::collection::btree_map(0..4_usize, 0..9_i64, 0..4));
    prop::collection::vec(table, 0..24).prop_map(|tables| {
        let table = |(selector, settings): (Selector, BTreeMap<usize, i64>)| {
            let setting = |(field, value): (usize, i64)| Setting {
                field: FIELDS[5 + field].0,
                value: number(value),
                place: Place::default(),
            };
            let settings = settings.into_iter().map(setting).collect();
            let (place, parents) = (Place::default(), Vec::new());
            Table { selector, place, settings, create: false, parents, expires_at_ms: None }
        };
        tables.into_iter().map(table).collect()
    })
}

/// The table that wins a field on an organization: by rank, and of equal ranks the last. `steps` counts the fewest steps
/// up to an organization of a name.
pub fn naive(tables: &[Table], place: usize, name: &str, steps: impl Fn(&str) -> Option<usize>) -> Option<u32> {
    let mut best: Option<(usize, u32)> = None;
    for (table, number) in tables.iter().zip(0..) {
        if !table.settings.iter().any(|setting| setting.field == FIELDS[place].0) {
            continue;
        }
        let rank = match &table.selector {
            Selector::Name(named) if named == name => 0,
            Selector::Subtree(root) => match steps(root) {
                Some(steps) => 1 + steps,
                None => continue,
            },
            Selector::All => usize::MAX,
            Selector::Name(_) => continue,
        };
        if best.is_none_or(|(other, _)| rank <= other) {
            best = Some((rank, number));
        }
    }
    best.map(|(_, number)| number)
}

/// The fewest steps up from one to another, level by level.
pub fn steps(links: &[(i64, i64)], from: i64, to: i64) -> Option<usize> {
    let mut level = vec![from];
    for steps in 0..=links.len() {
        if level.contains(&to) {
            return Some(steps);
        }
        level = links.iter().filter(|(_, child)| level.contains(child)).map(|(parent, _)| *parent).collect();
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn up_down_and_by_hand_the_same_table_wins(links in links(), tables in tables()) {
        let mut hierarchy = Hierarchy::default();
        (1..NODES).for_each(|id| hierarchy.apply(Edit::Insert(OrgId(id))));
        links.iter().for_each(|(parent, child)| hierarchy.apply(Edit::Link(OrgId(*parent), OrgId(*child))));
        let id_of = |name: &str| name[1..].parse().ok().filter(|id| *id < NODES).map(OrgId);
        let rules = Rules::new(&tables, id_of);
        let all = rules.of_all(&hierarchy);
        for id in 1..NODES {
            let down = all[usize::try_from(id).unwrap()];
            let up = rules.of(&hierarchy, OrgId(id));
            let mut by_hand: Winners = [None; FIELDS.len()];
            for (place, winner) in by_hand.iter_mut().enumerate() {
                let steps = |root: &str| steps(&links, id, root[1..].parse().unwrap());
                *winner = naive(&tables, place, &format!("n{id}"), steps);
            }
            prop_assert_eq!(up, by_hand, "up from {}", id);
            prop_assert_eq!(down, by_hand, "down to {}", id);
        }
    }
}

#[test]
fn selectors_are_read_and_written_alike() {
    for (text, selector) in [
        ("*", Selector::All),
        ("north/**", Selector::Subtree("north".to_owned())),
        ("north", Selector::Name("north".to_owned())),
        ("**", Selector::Name("**".to_owned())),
    ] {
        assert_eq!(Selector::parse(text), Ok(selector.clone()));
        assert_eq!(selector.to_string(), text);
    }
    for text in ["", "/**", "a/b", "north/*", " north", "north/**/**", &"n".repeat(51)] {
        assert!(Selector::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn values_have_the_bounds_that_the_apis_have() {
    let check = |key: &str, value: &Value| overrides::check(overrides::field(key).unwrap().0, value);
    for (key, value) in [("purge_days", number(1)), ("title", super::text("T")), ("branding_id", number(7))] {
        assert_eq!(check(key, &value), Ok(()));
    }
    assert_eq!(check("exclusive_partner_only", &Value::Flag(true)), Ok(()));
    for (key, value, message) in [
        ("purge_days", number(0), "must be a whole number from 1 to 366"),
        ("purge_days", super::text("7"), "must be a whole number"),
        ("camera_limit", number(-1), "must be a whole number from 0 to 2147483647"),
        ("status", number(1000), "must be a whole number from 0 to 999"),
        ("title", super::text(" "), "must be 1 to 255 characters on one line"),
        ("title", number(1), "must be a text"),
        ("organization_profile_enabled", number(1), "must be true or false"),
        ("image_url", super::text("ftp://x"), "must be an http or https URL of at most 2048 characters"),
    ] {
        assert_eq!(check(key, &value), Err(message.to_owned()), "{key} {value}");
    }
    assert!(overrides::field("owner_id").is_none() && overrides::field("name").is_none());
}
