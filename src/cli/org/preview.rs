//! What a change would do, as the box says it before it is made.

use serde_json::{Value, json};

use crate::cli::{
    client::{Client, at},
    failed::{Failed, Problem},
    output::{plain, text},
    screen::printable,
};

/// Lines of one kind that are shown; the rest is counted.
const LINES_MAX: usize = 20;

/// What the box foresees.
pub(super) struct Preview(Value);

impl Preview {
    /// Of a patch of this organization.
    pub(super) fn of_patch(client: &Client, organization: &Value, patch: &Value) -> Result<Self, Failed> {
        Self::of(client, organization, &json!({ "patch": patch }))
    }

    /// Of its deletion.
    pub(super) fn of_deletion(client: &Client, organization: &Value, children: &str) -> Result<Self, Failed> {
        Self::of(client, organization, &json!({ "delete": { "children": children } }))
    }

    fn of(client: &Client, organization: &Value, body: &Value) -> Result<Self, Failed> {
        Ok(Self(client.send("POST", &format!("{}/preview", at(organization)), Some(body))?))
    }

    /// The box's own words.
    pub(super) fn whole(&self) -> &Value {
        &self.0
    }

    /// The change as it would be refused.
    pub(super) fn refusal(&self) -> Option<Problem> {
        let refused = self.0["refused"].as_object()?;
        let status = refused.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        Some(Problem::new(status.unwrap_or(409), &self.0["refused"]))
    }

    /// True where no field changes.
    pub(super) fn changes_nothing(&self) -> bool {
        self.0["changes"].as_array().is_none_or(Vec::is_empty)
    }

    /// The fields that change, one in a line.
    pub(super) fn changes(&self) -> String {
        lines(&self.0["changes"], |change| {
            let (from, to) = (plain(&change["from"]), plain(&change["to"]));
            format!("  {}: {} → {}", text(&change["field"]), printable(&from), printable(&to))
        })
    }

    /// The organizations that go, one in a line.
    pub(super) fn deleted(&self) -> String {
        lines(&self.0["deleted"], |organization| {
            let name = organization["name"].as_str().map_or_else(|| plain(organization), str::to_owned);
            format!("  {}", printable(&name))
        })
    }

    /// The cameras whose footage is kept shorter than now, one in a line; empty where none is.
    pub(super) fn footage_lost(&self) -> String {
        let shorter = |change: &&Value| match (change["from_days"].as_i64(), change["to_days"].as_i64()) {
            (Some(from), Some(to)) => to < from,
            (_, None) => true,
            (None, Some(_)) => false,
        };
        let lost: Vec<Value> = self.0["footage"].as_array().into_iter().flatten().filter(shorter).cloned().collect();
        lines(&lost.into(), |change| {
            let camera = change["camera"]["name"].as_str().map_or_else(|| plain(&change["camera"]), str::to_owned);
            let to = change["to_days"].as_i64().map_or_else(|| "none".to_owned(), |days| format!("{days} days"));
            format!("  camera {}: {} days → {to}", printable(&camera), plain(&change["from_days"]))
        })
    }
}

fn lines(rows: &Value, line: impl Fn(&Value) -> String) -> String {
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut lines: Vec<String> = rows.iter().take(LINES_MAX).map(line).collect();
    if rows.len() > LINES_MAX {
        lines.push(format!("  and {} more", rows.len() - LINES_MAX));
    }
    lines.join("\n")
}
