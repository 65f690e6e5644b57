//! What the audit trail keeps of an application of the files, as JSON.

use serde_json::{Map, Value, json};

use crate::model::{
    overrides::{self, Changed},
    text::hexadecimal,
};

/// Most organizations that one entry of the audit trail tells of [ours]; their number is told in any case, and each has
/// its event.
pub const TOLD_MAX: usize = 1000;

/// What an application of the files did.
#[derive(Debug, Clone, Copy)]
pub struct Applied<'a> {
    /// The digests before and after; `None` where no files are applied.
    pub digests: [Option<&'a [u8; 32]>; 2],
    /// How much they managed before and manage now.
    pub entries: [i64; 2],
    /// The organizations changed.
    pub changed: &'a [Changed],
    /// The organizations made, by name.
    pub created: &'a [String],
}

/// Before and after.
pub(super) fn texts(applied: &Applied<'_>) -> [String; 2] {
    [0, 1].map(|index| side(applied, index).to_string())
}

fn side(applied: &Applied<'_>, side: usize) -> Value {
    let Applied { digests, entries, changed, created } = applied;
    let fields = |told: &Changed| {
        let values = told.fields.iter().map(|(field, values)| (field.core_name().to_owned(), value(&values[side])));
        Value::Object(values.collect())
    };
    let organizations: Map<String, Value> =
        changed.iter().take(TOLD_MAX).map(|told| (told.id.to_string(), fields(told))).collect();
    let mut state = json!({
        "sha256": digests[side].map(|digest| hexadecimal(digest)),
        "entries": entries[side],
        "organizations": organizations,
    });
    if side == 1 {
        state["organizations_changed"] = changed.len().into();
        state["organizations_created"] = created.len().into();
        state["created"] = created.iter().take(TOLD_MAX).cloned().collect::<Vec<_>>().into();
    }
    state
}

fn value(value: &Option<overrides::Value>) -> Value {
    match value {
        None => Value::Null,
        Some(overrides::Value::Text(text)) => Value::from(text.as_str()),
        Some(overrides::Value::Number(number)) => Value::from(*number),
        Some(overrides::Value::Flag(flag)) => Value::from(*flag),
    }
}
