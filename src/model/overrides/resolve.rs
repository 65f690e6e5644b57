//! Which table wins, field by field: a name beats the nearest subtree beats `*`, and of equal ones the later wins.
//!
//! Asked for every organization at once, the graph is walked down once for each field; asked for one, it is walked up.

use std::collections::HashMap;

use super::{FIELDS, Selector, Setting, Table, Value, index};
use crate::model::{Field, OrgId, hierarchy::Hierarchy};

/// For each of [`FIELDS`] the number of the table that wins, if one does.
pub type Winners = [Option<u32>; FIELDS.len()];

/// Tables, with the organizations that their selectors name.
#[derive(Debug)]
pub struct Rules<'d> {
    tables: &'d [Table],
    all: Winners,
    subtrees: HashMap<OrgId, Winners>,
    names: HashMap<OrgId, Winners>,
}

impl<'d> Rules<'d> {
    /// The tables in file order. Those whose selector names nothing that exists are passed over.
    pub fn new(tables: &'d [Table], id_of: impl Fn(&str) -> Option<OrgId>) -> Self {
        let nobody = [None; FIELDS.len()];
        let mut rules = Self { tables, all: nobody, subtrees: HashMap::new(), names: HashMap::new() };
        for (table, number) in tables.iter().zip(0..) {
            let winners = match &table.selector {
                Selector::All => Some(&mut rules.all),
                Selector::Subtree(name) => id_of(name).map(|id| rules.subtrees.entry(id).or_insert(nobody)),
                Selector::Name(name) => id_of(name).map(|id| rules.names.entry(id).or_insert(nobody)),
            };
            let Some(winners) = winners else { continue };
            for place in table.settings.iter().filter_map(|setting| index(setting.field)) {
                winners[place] = Some(number);
            }
        }
        rules
    }

    /// The tables as given.
    pub fn tables(&self) -> &'d [Table] {
        self.tables
    }

    /// The setting of a field in a table that wins it; the last, should the table hold two.
    pub fn setting(&self, winner: u32, field: Field) -> Option<&'d Setting> {
        self.tables.get(winner as usize)?.settings.iter().rfind(|setting| setting.field == field)
    }

    /// As [`Rules::setting`], the value alone.
    pub fn value(&self, winner: u32, field: Field) -> Option<&'d Value> {
        self.setting(winner, field).map(|setting| &setting.value)
    }

    /// The winners on one organization. The tables must hold those for everything at and above it.
    pub fn of(&self, hierarchy: &Hierarchy, id: OrgId) -> Winners {
        let mut nearest: [Option<(u32, u32)>; FIELDS.len()] = [None; FIELDS.len()];
        if !self.subtrees.is_empty() {
            for (above, steps) in hierarchy.steps_up(id) {
                let Some(winners) = self.subtrees.get(&above) else { continue };
                for (nearest, winner) in nearest.iter_mut().zip(winners) {
                    let Some(winner) = *winner else { continue };
                    // They come nearest first, so one that is set is nearer, or as near and maybe earlier in the file.
                    if nearest.is_none_or(|(near, other)| near == steps && other < winner) {
                        *nearest = Some((steps, winner));
                    }
                }
            }
        }
        let subtree = nearest.map(|nearest| nearest.map(|(_, winner)| winner));
        self.choose(id, subtree)
    }

    /// The winners on every organization, by id.
    pub fn of_all(&self, hierarchy: &Hierarchy) -> Vec<Winners> {
        let nobody = [None; FIELDS.len()];
        let mut resolved = vec![nobody; hierarchy.ids_end()];
        for place in 0..FIELDS.len() {
            let roots: Vec<(OrgId, u32)> =
                self.subtrees.iter().filter_map(|(id, winners)| Some((*id, winners[place]?))).collect();
            if !roots.is_empty() {
                for (winners, nearest) in resolved.iter_mut().zip(hierarchy.nearest(&roots)) {
                    winners[place] = nearest;
                }
            }
        }
        for (winners, id) in resolved.iter_mut().zip(0..) {
            *winners = self.choose(OrgId(id), *winners);
        }
        resolved
    }

    fn choose(&self, id: OrgId, subtree: Winners) -> Winners {
        let mut chosen = subtree;
        let named = self.names.get(&id);
        for (place, chosen) in chosen.iter_mut().enumerate() {
            *chosen = named.and_then(|named| named[place]).or(*chosen).or(self.all[place]);
        }
        chosen
    }
}
