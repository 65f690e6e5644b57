//! What hangs where, drawn with lines.
//!
//! The hierarchy is no tree: an organization may hang below several. It is shown below each, with what is below it at the
//! first place only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cli::{
    ask::Form,
    client::Client,
    failed::Failed,
    output::{say, show_json, text},
    screen::{Cell, Screen, Tone, cut, printable},
};

/// Levels that are shown at most: no screen has room for more.
const LEVELS_MAX: usize = 100;

/// Organizations by id, and the ids of what hangs directly below each.
struct Forest {
    organizations: BTreeMap<i64, Value>,
    children: BTreeMap<i64, Vec<i64>>,
}

/// The drawing under way.
struct Drawing<'a> {
    forest: &'a Forest,
    screen: Screen,
    depth: usize,
    shown: BTreeSet<i64>,
    lines: Vec<String>,
}

pub(super) fn draw(
    client: &Client,
    organization: Option<&str>,
    depth: Option<usize>,
    form: Form,
) -> Result<(), Failed> {
    let depth = depth.unwrap_or(LEVELS_MAX).min(LEVELS_MAX);
    let top = organization.map(|wanted| client.organization(wanted)).transpose()?;
    let path = match &top {
        Some(top) => format!("/organizations?below={}", top["id"]),
        None => "/organizations".to_owned(),
    };
    let rows = client.all(&path)?;
    let forest = Forest::new(rows);
    let roots = match top.and_then(|top| top["id"].as_i64()) {
        Some(top) => vec![top],
        None => forest.roots(),
    };
    if form.json {
        let mut shown = BTreeSet::new();
        let trees: Vec<Value> = roots.iter().map(|root| forest.nested(*root, depth, &mut shown)).collect();
        return show_json(&trees);
    }
    let mut drawing =
        Drawing { forest: &forest, screen: Screen::of_output(), depth, shown: BTreeSet::new(), lines: Vec::new() };
    for root in roots {
        drawing.node(root, "", "", 0);
    }
    if drawing.lines.is_empty() {
        return say("There are no organizations. Make one with: orgbox org create NAME");
    }
    say(&drawing.lines.join("\n"))
}

impl Forest {
    fn new(rows: Vec<Value>) -> Self {
        let keyed = rows.into_iter().filter_map(|row| Some((row["id"].as_i64()?, row)));
        let organizations: BTreeMap<i64, Value> = keyed.collect();
        let mut children: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (id, row) in &organizations {
            for parent in parents(row) {
                children.entry(parent).or_default().push(*id);
            }
        }
        for below in children.values_mut() {
            below.sort_by_key(|id| organizations.get(id).map(|row| text(&row["title"]).to_lowercase()));
        }
        Self { organizations, children }
    }

    /// What hangs below nothing that is known here.
    fn roots(&self) -> Vec<i64> {
        let rootless = |row: &Value| !parents(row).any(|parent| self.organizations.contains_key(&parent));
        self.organizations.iter().filter(|(_, row)| rootless(row)).map(|(id, _)| *id).collect()
    }

    fn below(&self, id: i64) -> &[i64] {
        self.children.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same as nested objects; what stands elsewhere already has no `children`.
    fn nested(&self, id: i64, depth: usize, shown: &mut BTreeSet<i64>) -> Value {
        let row = self.organizations.get(&id).unwrap_or(&Value::Null);
        let mut node = json!({ "id": id, "name": row["name"], "title": row["title"] });
        if shown.insert(id) && depth > 0 {
            node["children"] = self.below(id).iter().map(|below| self.nested(*below, depth - 1, shown)).collect();
        }
        node
    }
}

impl Drawing<'_> {
    /// One organization and what is below it. `indent` stands before its line, `hanging` before those below.
    fn node(&mut self, id: i64, indent: &str, hanging: &str, level: usize) {
        let forest = self.forest;
        let below = forest.below(id);
        let first = self.shown.insert(id);
        let deeper = first && level < self.depth;
        let note = match (first, deeper, below.len()) {
            (_, true, _) | (_, _, 0) => String::new(),
            (false, ..) => "shown above".to_owned(),
            (true, false, count) => format!("{count} directly below"),
        };
        let line = self.line(id, indent, &note);
        self.lines.push(line);
        if !deeper {
            return;
        }
        for (place, child) in below.iter().enumerate() {
            let (branch, below_it) = if place + 1 == below.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.node(*child, &format!("{hanging}{branch}"), &format!("{hanging}{below_it}"), level + 1);
        }
    }

    fn line(&self, id: i64, indent: &str, note: &str) -> String {
        let row = self.forest.organizations.get(&id).unwrap_or(&Value::Null);
        let (name, title) = (printable(text(&row["name"])), printable(text(&row["title"])));
        let mut words = vec![(name.clone(), Tone::Strong)];
        if title.to_lowercase() != name {
            words.push((title, Tone::Plain));
        }
        if row["hold"].is_object() {
            words.push(("held".to_owned(), Tone::Warning));
        }
        if !note.is_empty() {
            words.push((format!("({note})"), Tone::Faint));
        }
        let mut left = self.screen.width.map(|width| width.saturating_sub(indent.chars().count()));
        let mut line = self.screen.paint(indent, Tone::Faint);
        for (place, (word, tone)) in words.iter().enumerate() {
            let gap = if place == 0 { "" } else { "  " };
            let word = left.map_or_else(|| word.clone(), |left| cut(word, left.saturating_sub(gap.len())));
            left = left.map(|left| left.saturating_sub(gap.len() + Cell::from(word.as_str()).width()));
            line.push_str(gap);
            line.push_str(&self.screen.paint(&word, *tone));
            if left == Some(0) {
                break;
            }
        }
        line
    }
}

fn parents(row: &Value) -> impl Iterator<Item = i64> {
    row["parents"].as_array().into_iter().flatten().filter_map(Value::as_i64)
}
