//! The value of each key as text, to tell which have changed between two readings of the same files. It must not know
//! what a change leads to.

use std::collections::BTreeMap;

use super::keys::{Field, SECTIONS, is_live, join};
use super::secrets::Secret;
use super::show;
use super::values::Config;

/// The value of each key. Kept like secrets, because some are.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<String, Secret>);

impl Settings {
    pub(super) fn of(config: &Config) -> Self {
        let mut config = config.clone();
        let mut values = BTreeMap::new();
        for section in SECTIONS {
            for row in section.rows {
                let value = match &row.field {
                    Field::SecretFile { at, .. } => at(&mut config).as_ref().map(|secret| secret.expose().to_owned()),
                    field => show::render(field, &mut config),
                };
                values.insert(join(section.path, row.name), Secret::new(value.unwrap_or_default()));
            }
        }
        Self(values)
    }

    /// The keys whose values differ and take effect at the next start: `server.listen`. Those that take effect at once
    /// are left out.
    pub fn waiting_in(&self, later: &Self) -> Vec<String> {
        let differs = |name: &String| match (self.0.get(name), later.0.get(name)) {
            (Some(before), Some(after)) => before.expose() != after.expose(),
            _ => true,
        };
        self.0.keys().filter(|name| !is_live(name) && differs(name)).cloned().collect()
    }
}
