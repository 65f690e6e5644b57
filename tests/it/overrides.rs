//! What files say of organizations: which table wins, the overlay, refusals, events, plans.

mod apply;
mod effective;
mod overlay;
mod plan;
mod refusal;
mod resolve;

use orgbox::{
    model::overrides::{self, Document, Place, Selector, Setting, Table, Value},
    ops::overrides::{Outcome, Report},
};

/// A document of one file, a line for each head and each setting. `create = true` and the like are set by the caller.
pub fn document(tables: &[(&str, &[(&str, Value)])]) -> Document {
    let mut line = 1;
    let mut place = || {
        line += 1;
        Place { file: "config.toml".to_owned(), line }
    };
    let tables = tables.iter().map(|(selector, settings)| {
        let head = place();
        let settings = settings.iter().map(|(key, value)| {
            let (field, _) = overrides::field(key).unwrap();
            Setting { field, value: value.clone(), place: place() }
        });
        Table {
            selector: Selector::parse(selector).unwrap(),
            place: head,
            settings: settings.collect(),
            create: false,
            parents: Vec::new(),
            expires_at_ms: None,
        }
    });
    let tables: Vec<_> = tables.collect();
    // Anything that differs with the text.
    let digest = std::array::from_fn(|at| format!("{tables:?}").bytes().nth(at).unwrap_or(0));
    Document { digest, tables, allow_shrink: false }
}

pub fn number(number: i64) -> Value {
    Value::Number(number)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// What an application did, which must not have been held or refused.
#[track_caller]
pub fn applied(outcome: Outcome) -> Report {
    match outcome {
        Outcome::Applied(report) => report,
        other => panic!("{other:?}"),
    }
}
