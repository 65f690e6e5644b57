//! The hierarchy in memory against a model that is too simple to be wrong.

use std::collections::BTreeSet;

use orgbox::model::{
    OrgId,
    hierarchy::{Edit, Hierarchy},
};
use proptest::prelude::*;

/// Enough nodes that walks outgrow the short list of those they have met.
const NODES: i64 = 48;

#[derive(Debug, Clone, Default, PartialEq)]
struct Naive {
    nodes: BTreeSet<i64>,
    links: BTreeSet<(i64, i64)>,
}

impl Naive {
    fn parents(&self, id: i64) -> BTreeSet<i64> {
        self.links.iter().filter(|(_, child)| *child == id).map(|(parent, _)| *parent).collect()
    }

    fn children(&self, id: i64) -> BTreeSet<i64> {
        self.links.iter().filter(|(parent, _)| *parent == id).map(|(_, child)| *child).collect()
    }

    fn above(&self, id: i64) -> BTreeSet<i64> {
        close(self.parents(id), |id| self.parents(id))
    }

    fn below(&self, id: i64) -> BTreeSet<i64> {
        close(self.children(id), |id| self.children(id))
    }

    /// All below it goes that has no parent outside what goes: drop from the candidates until nothing has to be.
    fn doomed(&self, id: i64) -> BTreeSet<i64> {
        let mut doomed = self.below(id);
        doomed.insert(id);
        while let Some(kept) =
            doomed.iter().copied().find(|member| *member != id && !self.parents(*member).is_subset(&doomed))
        {
            doomed.remove(&kept);
        }
        doomed
    }

    /// The edit if it changes something and leaves the graph acyclic, as the store makes sure of.
    fn admit(&self, edit: Edit) -> bool {
        match edit {
            Edit::Insert(id) => !self.nodes.contains(&id.0),
            Edit::Remove(id) => {
                self.nodes.contains(&id.0) && self.parents(id.0).is_empty() && self.children(id.0).is_empty()
            }
            Edit::Link(parent, child) => {
                self.nodes.contains(&parent.0)
                    && self.nodes.contains(&child.0)
                    && !self.links.contains(&(parent.0, child.0))
                    && !self.cycles(parent.0, child.0)
            }
            Edit::Unlink(parent, child) => self.links.contains(&(parent.0, child.0)),
        }
    }

    fn cycles(&self, parent: i64, child: i64) -> bool {
        parent == child || self.above(parent).contains(&child)
    }

    fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Insert(id) => drop(self.nodes.insert(id.0)),
            Edit::Remove(id) => drop(self.nodes.remove(&id.0)),
            Edit::Link(parent, child) => drop(self.links.insert((parent.0, child.0))),
            Edit::Unlink(parent, child) => drop(self.links.remove(&(parent.0, child.0))),
        }
    }
}

fn close(mut found: BTreeSet<i64>, next: impl Fn(i64) -> BTreeSet<i64>) -> BTreeSet<i64> {
    loop {
        let more: BTreeSet<i64> = found.iter().flat_map(|id| next(*id)).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            return found;
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let id = || (1..=NODES).prop_map(OrgId);
    prop_oneof![
        3 => id().prop_map(Edit::Insert),
        1 => id().prop_map(Edit::Remove),
        12 => (id(), id()).prop_map(|(parent, child)| Edit::Link(parent, child)),
        2 => (id(), id()).prop_map(|(parent, child)| Edit::Unlink(parent, child)),
    ]
}

fn set(ids: Vec<OrgId>) -> BTreeSet<i64> {
    let count = ids.len();
    let set: BTreeSet<i64> = ids.into_iter().map(|id| id.0).collect();
    assert_eq!(set.len(), count, "each once");
    set
}

fn assert_same(graph: &Hierarchy, naive: &Naive) {
    assert_eq!(graph.len(), naive.nodes.len());
    assert_eq!(graph.is_empty(), naive.nodes.is_empty());
    for id in 1..=NODES + 2 {
        let org = OrgId(id);
        assert_eq!(graph.contains(org), naive.nodes.contains(&id));
        assert!(graph.parents(org).is_sorted() && graph.children(org).is_sorted());
        assert_eq!(set(graph.parents(org)), naive.parents(id));
        assert_eq!(set(graph.children(org)), naive.children(id));
        assert_eq!(graph.has_children(org), !naive.children(id).is_empty());
        assert_eq!(set(graph.ancestors(org)), naive.above(id));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn it_is_what_the_simple_model_says(
        start in 0..=NODES,
        edits in prop::collection::vec(edit(), 0..160),
        roots in prop::collection::vec(0..=NODES + 2, 0..4),
    ) {
        let (mut graph, mut naive) = (Hierarchy::default(), Naive::default());
        let mut applied = Vec::new();
        let inserts = (1..=start).map(|id| Edit::Insert(OrgId(id)));
        for edit in inserts.chain(edits) {
            if let Edit::Link(parent, child) = edit
                && naive.nodes.contains(&parent.0)
                && naive.nodes.contains(&child.0)
            {
                prop_assert_eq!(graph.would_cycle(parent, child), naive.cycles(parent.0, child.0));
            }
            if naive.admit(edit) {
                graph.apply(edit);
                naive.apply(edit);
                applied.push(edit);
            }
        }
        assert_same(&graph, &naive);

        let mut subtree: BTreeSet<i64> = roots.iter().copied().filter(|id| naive.nodes.contains(id)).collect();
        subtree.extend(roots.iter().flat_map(|id| naive.below(*id)));
        let roots: Vec<OrgId> = roots.into_iter().map(OrgId).collect();
        prop_assert_eq!(set(graph.subtree(&roots)), subtree);
        for id in &naive.nodes {
            prop_assert_eq!(set(graph.deletable_subtree(OrgId(*id))), naive.doomed(*id), "deletable below {}", id);
        }

        let undone = applied.split_off(applied.len() / 2);
        let mut earlier = (Hierarchy::default(), Naive::default());
        for edit in applied {
            earlier.0.apply(edit);
            earlier.1.apply(edit);
        }
        for edit in undone.into_iter().rev() {
            graph.apply(edit.inverse());
        }
        assert_same(&graph, &earlier.1);
        assert_same(&earlier.0, &earlier.1);
    }

    #[test]
    fn edits_that_change_nothing_are_passed_over(edits in prop::collection::vec(edit(), 0..80)) {
        let (mut graph, mut naive) = (Hierarchy::default(), Naive::default());
        for edit in edits {
            let known = |id: &OrgId| naive.nodes.contains(&id.0);
            let harmless = match edit {
                Edit::Remove(_) => naive.admit(edit),
                Edit::Link(parent, child) => {
                    !(known(&parent) && known(&child) && naive.cycles(parent.0, child.0))
                }
                Edit::Insert(_) | Edit::Unlink(..) => true,
            };
            if harmless {
                graph.apply(edit);
                if naive.admit(edit) {
                    naive.apply(edit);
                }
            }
        }
        assert_same(&graph, &naive);
    }
}

#[test]
fn ancestors_come_nearest_first() {
    let mut graph = Hierarchy::default();
    (1..=4).for_each(|id| graph.apply(Edit::Insert(OrgId(id))));
    for (parent, child) in [(1, 2), (2, 3), (1, 4), (4, 3)] {
        graph.apply(Edit::Link(OrgId(parent), OrgId(child)));
    }
    let above: Vec<i64> = graph.ancestors(OrgId(3)).into_iter().map(|id| id.0).collect();
    assert_eq!(above.last(), Some(&1));
    assert_eq!(above.len(), 3);
}

#[test]
fn a_shared_organization_survives_with_all_below_it() {
    // 1 over 2 over 3 over 4; 3 hangs below 9 as well, which stays.
    let mut graph = Hierarchy::default();
    [1, 2, 3, 4, 9].into_iter().for_each(|id| graph.apply(Edit::Insert(OrgId(id))));
    for (parent, child) in [(1, 2), (2, 3), (3, 4), (9, 3)] {
        graph.apply(Edit::Link(OrgId(parent), OrgId(child)));
    }
    assert_eq!(set(graph.deletable_subtree(OrgId(1))), BTreeSet::from([1, 2]));
    graph.apply(Edit::Unlink(OrgId(9), OrgId(3)));
    assert_eq!(set(graph.deletable_subtree(OrgId(1))), BTreeSet::from([1, 2, 3, 4]));
}
