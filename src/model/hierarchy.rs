//! The hierarchy of organizations as a graph in memory: acyclic, several parents allowed.
//!
//! Ids are dense, so nodes stand in a vector by id. Walking up or down costs microseconds where a query costs milliseconds.
//! Changes are [`Edit`]s, which can be applied to another copy or undone.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::OrgId;

/// The graph.
#[derive(Debug, Clone, Default)]
pub struct Hierarchy {
    nodes: Vec<Option<Node>>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    parents: SmallVec<[u32; 4]>,
    children: SmallVec<[u32; 4]>,
}

/// One elementary change of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// A new organization without links.
    Insert(OrgId),
    /// An organization without links goes.
    Remove(OrgId),
    /// `parent`, `child`: a new link.
    Link(OrgId, OrgId),
    /// `parent`, `child`: a link goes.
    Unlink(OrgId, OrgId),
}

impl Edit {
    /// The edit that undoes this one.
    pub fn inverse(self) -> Self {
        match self {
            Edit::Insert(id) => Edit::Remove(id),
            Edit::Remove(id) => Edit::Insert(id),
            Edit::Link(parent, child) => Edit::Unlink(parent, child),
            Edit::Unlink(parent, child) => Edit::Link(parent, child),
        }
    }
}

impl Hierarchy {
    /// Applies an edit. An edit that changes nothing (a link that exists, a node that is not there) is passed over.
    pub fn apply(&mut self, edit: Edit) {
        match edit {
            Edit::Insert(id) => {
                let index = index(id);
                if self.nodes.len() <= index {
                    self.nodes.resize(index + 1, None);
                }
                self.nodes[index].get_or_insert_default();
            }
            Edit::Remove(id) => {
                if let Some(node) = self.nodes.get_mut(index(id)) {
                    *node = None;
                }
            }
            Edit::Link(parent, child) => self.link(parent, child),
            Edit::Unlink(parent, child) => self.unlink(parent, child),
        }
    }

    /// True where the organization exists.
    pub fn contains(&self, id: OrgId) -> bool {
        self.node(id).is_some()
    }

    /// Number of organizations.
    pub fn len(&self) -> usize {
        self.nodes.iter().flatten().count()
    }

    /// True without any organization.
    pub fn is_empty(&self) -> bool {
        self.nodes.iter().all(Option::is_none)
    }

    /// The direct parents in ascending order.
    pub fn parents(&self, id: OrgId) -> Vec<OrgId> {
        sorted(self.node(id).map(|node| node.parents.as_slice()).unwrap_or_default())
    }

    /// The direct children in ascending order.
    pub fn children(&self, id: OrgId) -> Vec<OrgId> {
        sorted(self.node(id).map(|node| node.children.as_slice()).unwrap_or_default())
    }

    /// True where the organization has children.
    pub fn has_children(&self, id: OrgId) -> bool {
        self.node(id).is_some_and(|node| !node.children.is_empty())
    }

    /// Every organization above this one, nearest first, each once; not itself.
    pub fn ancestors(&self, id: OrgId) -> Vec<OrgId> {
        let mut seen = Seen::new(self.nodes.len());
        let found = self.parents(id).into_iter().filter(|parent| seen.first(index(*parent))).collect();
        self.spread(found, &mut seen, |node| &node.parents)
    }

    /// True where `id` is `root` or hangs below it.
    pub fn is_within(&self, id: OrgId, root: OrgId) -> bool {
        self.contains(id) && (id == root || self.ancestors(id).contains(&root))
    }

    /// For every organization above this one the next on a shortest way down to it; of several the one with the least id.
    pub fn ways_down(&self, id: OrgId) -> HashMap<OrgId, OrgId> {
        let mut next = HashMap::new();
        let mut reached = vec![id];
        while !reached.is_empty() {
            let mut above = Vec::new();
            reached.sort_unstable();
            for below in reached {
                for parent in self.parents(below) {
                    next.entry(parent).or_insert_with(|| {
                        above.push(parent);
                        below
                    });
                }
            }
            reached = above;
        }
        next
    }

    /// This organization and every one above it, each once with the fewest steps up to it, nearest first.
    pub fn steps_up(&self, id: OrgId) -> Vec<(OrgId, u32)> {
        let mut seen = Seen::new(self.nodes.len());
        seen.first(index(id));
        let mut found = vec![(id, 0)];
        let mut done = 0;
        while let Some((reached, steps)) = found.get(done).copied() {
            done += 1;
            for parent in self.node(reached).map(|node| node.parents.as_slice()).unwrap_or_default() {
                if seen.first(*parent as usize) {
                    found.push((OrgId(i64::from(*parent)), steps + 1));
                }
            }
        }
        found
    }

    /// One more than the greatest id.
    pub fn ids_end(&self) -> usize {
        self.nodes.len()
    }

    /// For every organization, by id, the greatest weight of the nearest of these roots: those that the fewest steps up
    /// lead to, itself among them. `None` below no root.
    pub fn nearest(&self, roots: &[(OrgId, u32)]) -> Vec<Option<u32>> {
        let mut nearest = vec![None; self.nodes.len()];
        let mut reached_in = vec![u32::MAX; self.nodes.len()];
        let mut level: Vec<usize> = Vec::new();
        for (root, weight) in roots.iter().filter(|(root, _)| self.contains(*root)) {
            let place = index(*root);
            if nearest[place].is_none() {
                level.push(place);
                reached_in[place] = 0;
            }
            nearest[place] = nearest[place].max(Some(*weight));
        }
        let mut steps = 0;
        while !level.is_empty() {
            steps += 1;
            let mut below = Vec::new();
            for parent in level {
                let weight = nearest[parent];
                for child in self.nodes[parent].iter().flat_map(|node| &node.children) {
                    let child = *child as usize;
                    if reached_in[child] == u32::MAX {
                        reached_in[child] = steps;
                        below.push(child);
                    }
                    if reached_in[child] == steps {
                        nearest[child] = nearest[child].max(weight);
                    }
                }
            }
            level = below;
        }
        nearest
    }

    /// The roots that exist and everything below them, each once.
    pub fn subtree(&self, roots: &[OrgId]) -> Vec<OrgId> {
        let mut found = Vec::new();
        let mut seen = Seen::new(self.nodes.len());
        for root in roots {
            if self.contains(*root) && seen.first(index(*root)) {
                found.push(*root);
            }
        }
        self.spread(found, &mut seen, |node| &node.children)
    }

    /// True where a link from `parent` down to `child` would close a cycle: they are one, or `parent` is below `child`.
    pub fn would_cycle(&self, parent: OrgId, child: OrgId) -> bool {
        parent == child || (self.has_children(child) && self.ancestors(parent).contains(&child))
    }

    /// What goes when `id` is deleted with all below it: itself and every descendant that has no parent outside that set.
    pub fn deletable_subtree(&self, id: OrgId) -> Vec<OrgId> {
        let below = self.subtree(&[id]);
        let mut doomed = Seen::new(self.nodes.len());
        for member in &below {
            doomed.first(index(*member));
        }
        // An organization that stays keeps all that hangs below it, so sparing spreads until nothing changes.
        let mut spared: Vec<OrgId> = below.iter().copied().filter(|member| *member != id).collect();
        spared.retain(|member| self.parents(*member).iter().any(|parent| !doomed.contains(index(*parent))));
        let mut kept = Seen::new(self.nodes.len());
        spared.retain(|member| kept.first(index(*member)));
        self.spread(spared, &mut kept, |node| &node.children);
        below.into_iter().filter(|member| !kept.contains(index(*member))).collect()
    }

    fn node(&self, id: OrgId) -> Option<&Node> {
        self.nodes.get(index(id))?.as_ref()
    }

    fn link(&mut self, parent: OrgId, child: OrgId) {
        let (above, below) = (index(parent), index(child));
        if !self.contains(parent) || !self.contains(child) {
            return;
        }
        if let Some(node) = &mut self.nodes[below]
            && !node.parents.contains(&(above as u32))
        {
            node.parents.push(above as u32);
            if let Some(node) = &mut self.nodes[above] {
                node.children.push(below as u32);
            }
        }
    }

    fn unlink(&mut self, parent: OrgId, child: OrgId) {
        let (above, below) = (index(parent), index(child));
        if let Some(Some(node)) = self.nodes.get_mut(below) {
            node.parents.retain(|id| *id != above as u32);
        }
        if let Some(Some(node)) = self.nodes.get_mut(above)
            // The newest child stands last and is the likeliest to go.
            && let Some(place) = node.children.iter().rposition(|id| *id == below as u32)
        {
            node.children.swap_remove(place);
        }
    }

    fn spread(
        &self,
        mut found: Vec<OrgId>,
        seen: &mut Seen,
        next: impl Fn(&Node) -> &SmallVec<[u32; 4]>,
    ) -> Vec<OrgId> {
        let mut done = 0;
        while let Some(node) = found.get(done).map(|id| self.node(*id)) {
            done += 1;
            if let Some(node) = node {
                found.extend(next(node).iter().filter(|id| seen.first(**id as usize)).map(|id| OrgId(i64::from(*id))));
            }
        }
        found
    }
}

/// Which nodes a walk has met: a short list while there are few, a bit for every node after that.
struct Seen {
    few: SmallVec<[u32; 32]>,
    bits: Vec<u64>,
    nodes: usize,
}

impl Seen {
    fn new(nodes: usize) -> Self {
        Self { few: SmallVec::new(), bits: Vec::new(), nodes }
    }

    fn contains(&self, index: usize) -> bool {
        if self.bits.is_empty() {
            self.few.contains(&(index as u32))
        } else {
            self.bits.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
        }
    }

    /// Marks the node; true where it was not marked before.
    fn first(&mut self, index: usize) -> bool {
        if self.contains(index) {
            return false;
        }
        if self.bits.is_empty() && self.few.len() < 32 {
            self.few.push(index as u32);
            return true;
        }
        if self.bits.is_empty() {
            self.bits = vec![0; self.nodes / 64 + 1];
            for met in &self.few {
                self.bits[*met as usize / 64] |= 1 << (met % 64);
            }
        }
        self.bits[index / 64] |= 1 << (index % 64);
        true
    }
}

/// Ids start at 1 and are bounded by what [`OrgId::parse`] and the store admit; any other is a node that does not exist.
fn index(id: OrgId) -> usize {
    u32::try_from(id.0).map_or(0, |id| id as usize)
}

fn sorted(ids: &[u32]) -> Vec<OrgId> {
    let mut ids: Vec<OrgId> = ids.iter().map(|id| OrgId(i64::from(*id))).collect();
    ids.sort_unstable();
    ids
}
