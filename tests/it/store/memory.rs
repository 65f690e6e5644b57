//! The hierarchy in memory is the one on disk, whatever was done, undone or done by a neighbour.

use orgbox::{
    clock::Clock,
    model::{
        Error, Field, OrgId, Result,
        actor::Who,
        hierarchy::{Edit, Hierarchy},
        organization::NewOrganization,
    },
    ops::{
        hierarchy,
        organization::{self, Children, Deletion},
    },
    store::{Options, Store, Write},
};
use proptest::prelude::*;

use crate::support::{Bare, test_box::NOON_MS};

#[derive(Debug, Clone)]
enum Step {
    Create(Vec<i64>),
    Delete(i64, Children),
    Set(i64, Vec<i64>),
    Add(i64, i64),
    Remove(i64, i64),
    /// All of these in one job, and then it fails.
    Fail(Vec<Step>),
    Panic(Box<Step>),
}

fn step() -> impl Strategy<Value = Step> {
    let id = || 1..12_i64;
    let ids = || prop::collection::vec(1..12_i64, 0..3);
    let children = prop_oneof![Just(Children::Rehang), Just(Children::Refuse), Just(Children::Cascade)];
    let simple = prop_oneof![
        4 => ids().prop_map(Step::Create),
        1 => (id(), children).prop_map(|(id, children)| Step::Delete(id, children)),
        2 => (id(), ids()).prop_map(|(id, parents)| Step::Set(id, parents)),
        2 => (id(), id()).prop_map(|(id, parent)| Step::Add(id, parent)),
        2 => (id(), id()).prop_map(|(id, parent)| Step::Remove(id, parent)),
    ];
    let failing = prop::collection::vec(simple.clone(), 1..5).prop_map(Step::Fail);
    let panicking = simple.clone().prop_map(|step| Step::Panic(Box::new(step)));
    prop_oneof![10 => simple, 2 => failing, 1 => panicking]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn memory_is_what_is_on_disk(steps in prop::collection::vec(step(), 1..40)) {
        let bare = Bare::new();
        for step in steps {
            // Refusals are part of the game; what counts is what is left.
            drop(bare.write(move |write, who| play(write, who, &step)));
        }
        let stored = on_disk(&bare);
        let reader = bare.store.reader().unwrap();
        let published = reader.read(|read| Ok(read.hierarchy(Clone::clone))).unwrap();
        let working = bare.store.write(|write| Ok(write.hierarchy(Clone::clone))).unwrap();
        for id in (1..60).map(OrgId) {
            for memory in [&published, &working] {
                prop_assert_eq!(memory.contains(id), stored.contains(id));
                prop_assert_eq!(memory.parents(id), stored.parents(id));
                prop_assert_eq!(memory.children(id), stored.children(id));
            }
            prop_assert!(!stored.ancestors(id).contains(&id), "a cycle through {}", id);
        }
    }
}

#[test]
fn what_a_neighbour_commits_is_seen_by_the_next_write() {
    let bare = Bare::new();
    let neighbour = Store::open(&bare.path(), Clock::manual(NOON_MS), Options::default()).unwrap();
    let made = neighbour.write(|write| play_create(write, &Who::command_line(), &[])).unwrap();
    let parents = bare.store.write(move |write| Ok(write.hierarchy(|graph| graph.parents(made)))).unwrap();
    assert_eq!(parents, [OrgId::DEFAULT]);
    let reader = bare.store.reader().unwrap();
    assert!(reader.read(|read| Ok(read.hierarchy(|graph| graph.contains(made)))).unwrap());
}

#[test]
fn an_undone_removal_of_nothing_makes_nothing() {
    use orgbox::store::{organization_parents, organizations};
    let bare = Bare::new();
    let (one, two) = (bare.organization("One").id, bare.organization("Two").id);
    let failing = move |write: &Write<'_>| -> Result<()> {
        let _unlinked = organization_parents::unlink(write, one, two)?;
        let _deleted = organizations::delete(write, OrgId(40))?;
        Err(Error::refused(Field::Id, "on_purpose", "no"))
    };
    bare.store.write(failing).unwrap_err();
    let graph = bare.store.write(|write| Ok(write.hierarchy(Clone::clone))).unwrap();
    assert_eq!(graph.parents(two), [OrgId::DEFAULT]);
    assert!(!graph.contains(OrgId(40)));
}

fn play(write: &Write<'_>, who: &Who, step: &Step) -> Result<()> {
    let ids = |ids: &[i64]| ids.iter().copied().map(OrgId).collect::<Vec<_>>();
    match step {
        Step::Create(parents) => play_create(write, who, &ids(parents)).map(drop),
        Step::Delete(id, children) => {
            let deletion = Deletion { children: *children, refuse_cameras: true };
            organization::delete(write, who, OrgId(*id), deletion)
        }
        Step::Set(id, parents) => hierarchy::set_parents(write, who, OrgId(*id), &ids(parents)),
        Step::Add(id, parent) => hierarchy::add_parents(write, who, OrgId(*id), &[OrgId(*parent)]),
        Step::Remove(id, parent) => hierarchy::remove_parents(write, who, OrgId(*id), &[OrgId(*parent)]),
        Step::Fail(steps) => {
            for step in steps {
                // A refused step may have changed something before it was refused; the job's failure undoes that too.
                drop(play(write, who, step));
            }
            Err(Error::refused(Field::Id, "on_purpose", "no"))
        }
        Step::Panic(step) => {
            drop(play(write, who, step));
            std::panic::resume_unwind(Box::new("on purpose"))
        }
    }
}

fn play_create(write: &Write<'_>, who: &Who, parents: &[OrgId]) -> Result<OrgId> {
    let new = NewOrganization { title: "Org".to_owned(), parents: parents.to_vec(), ..NewOrganization::default() };
    organization::create(write, who, new).map(|made| made.id)
}

fn on_disk(bare: &Bare) -> Hierarchy {
    let mut graph = Hierarchy::default();
    let connection = bare.sqlite();
    let mut statement = connection.prepare("SELECT id FROM organizations").unwrap();
    for id in statement.query_map([], |row| row.get(0)).unwrap() {
        graph.apply(Edit::Insert(OrgId(id.unwrap())));
    }
    let mut statement = connection.prepare("SELECT parent_id, child_id FROM organization_parents").unwrap();
    for link in statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap() {
        let (parent, child) = link.unwrap();
        graph.apply(Edit::Link(OrgId(parent), OrgId(child)));
    }
    graph
}
