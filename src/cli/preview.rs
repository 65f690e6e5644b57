//! What a change would do, as the box says it before it is made.

use serde_json::{Value, json};

use super::{
    client::Client,
    failed::{Failed, Problem},
    output::{plain, text},
    screen::printable,
};

/// Lines of one kind that are shown; the rest is counted.
const LINES_MAX: usize = 20;

/// A field that the box derives from others for those that it tells of a change.
const DERIVED: &str = "camera_purge_days";

/// What the box foresees.
pub(super) struct Preview(Value);

impl Preview {
    /// Of a patch of what has this path.
    pub(super) fn of_patch(client: &Client, path: &str, patch: &Value) -> Result<Self, Failed> {
        Self::of(client, path, &json!({ "patch": patch }))
    }

    /// Of the deletion of what has this path; `how` is an object.
    pub(super) fn of_deletion(client: &Client, path: &str, how: &Value) -> Result<Self, Failed> {
        Self::of(client, path, &json!({ "delete": how }))
    }

    fn of(client: &Client, path: &str, body: &Value) -> Result<Self, Failed> {
        Ok(Self(client.send("POST", &format!("{path}/preview"), Some(body))?))
    }

    /// As another answer of the box holds it.
    pub(super) fn given(preview: Value) -> Self {
        Self(preview)
    }

    /// The box's own words.
    pub(super) fn whole(&self) -> &Value {
        &self.0
    }

    /// The change as it would be refused.
    pub(super) fn refusal(&self) -> Option<Problem> {
        let refused = &self.0["refused"];
        let status = refused["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        refused.is_object().then(|| Problem::new(status.unwrap_or(409), refused))
    }

    /// True where no field changes and nothing goes.
    pub(super) fn changes_nothing(&self) -> bool {
        rows(&self.0["changes"]).is_empty() && rows(&self.0["deleted"]).is_empty()
    }

    /// The fields that change, one in a line; what changes elsewhere because of it is named.
    pub(super) fn changes(&self, subject: &str) -> String {
        lines(&self.0["changes"], |change| {
            // What follows from others says nothing of its own; the cameras are told one by one.
            if change["field"] == DERIVED {
                return None;
            }
            let (from, to) = (printable(&plain(&change["from"])), printable(&plain(&change["to"])));
            let of = text(&change["subject"]);
            let of = if of == subject { String::new() } else { format!("{of} ") };
            Some(format!("  {of}{}: {from} → {to}", text(&change["field"])))
        })
    }

    /// How many organizations, members, cameras and the like go; empty where nothing does.
    pub(super) fn deleted(&self) -> String {
        lines(&self.0["deleted"], |gone| {
            let name = text(&gone["name"]);
            let name = if name.is_empty() { text(&gone["id"]) } else { name };
            Some(format!("  {} {}", text(&gone["kind"]), printable(name)))
        })
    }

    /// The cameras whose footage is kept shorter than now, one in a line; empty where none is.
    pub(super) fn footage_lost(&self) -> String {
        lines(&self.0["footage"], |lost| {
            let name = printable(text(&lost["name"]));
            Some(format!("  camera {} {name}: {} days → {} days", lost["camera"], lost["from_days"], lost["to_days"]))
        })
    }
}

fn rows(list: &Value) -> &[Value] {
    list["items"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn lines(list: &Value, line: impl Fn(&Value) -> Option<String>) -> String {
    let shown = rows(list).iter().take(LINES_MAX);
    let (mut lines, looked_at): (Vec<String>, usize) = (shown.clone().filter_map(line).collect(), shown.len());
    let total = list["total"].as_u64().and_then(|total| usize::try_from(total).ok()).unwrap_or_default();
    if total > looked_at {
        lines.push(format!("  and {} more", total - looked_at));
    }
    lines.join("\n")
}
