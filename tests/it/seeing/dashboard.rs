//! The dashboard and the alert rules: they name only what a box exports, and each alert says what to do.

use std::{collections::BTreeSet, fs, path::Path};

use orgbox::api::metrics::catalog;
use serde_json::Value;

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name)).unwrap()
}

/// The metrics that an expression names.
fn named(expression: &str) -> BTreeSet<String> {
    let words = expression.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with("orgbox_") || word.starts_with("process_")).map(str::to_owned).collect()
}

#[track_caller]
fn exported(name: &str) {
    let parts = ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| name.strip_suffix(suffix));
    let known = catalog::ALL
        .iter()
        .any(|metric| metric.name == name || (metric.kind == catalog::Kind::Histogram && parts == Some(metric.name)));
    assert!(known, "{name} is exported by no box");
}

/// Every text under a key, however deep.
fn texts<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                found.extend(member.as_str().filter(|_| name == key));
                texts(member, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_shows_what_a_box_exports() {
    let dashboard: Value = serde_json::from_str(&text("grafana/orgbox.json")).unwrap();
    let mut expressions = Vec::new();
    texts(&dashboard, "expr", &mut expressions);
    let names: BTreeSet<_> = expressions.iter().flat_map(|expression| named(expression)).collect();
    names.iter().for_each(|name| exported(name));
    assert!(names.len() > 20, "{names:?}");
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert!(panel["description"].as_str().is_some_and(|text| text.ends_with('.')), "{}", panel["title"]);
    }
}

#[test]
fn every_alert_names_what_a_box_exports_and_says_what_to_do() {
    let rules = text("prometheus/orgbox.rules.yml");
    let mut alerts = 0;
    for rule in rules.split("      - alert: ").skip(1) {
        alerts += 1;
        let field = |name: &str| rule.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": "));
        let names = named(field("expr").unwrap_or_else(|| panic!("an expression in one line: {rule}")));
        assert!(!names.is_empty() || rule.contains("up{"), "{rule}");
        names.iter().for_each(|name| exported(name));
        assert!(field("for").is_some() && matches!(field("severity"), Some("critical" | "warning")), "{rule}");
        assert!(field("summary").is_some() && field("runbook").is_some_and(|words| words.len() > 40), "{rule}");
    }
    assert!(alerts >= 12, "{alerts}");
}
