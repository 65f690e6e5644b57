//! The lines of `orgbox status`, one for each part of the box, made of what the box tells. What needs somebody is not said
//! here: it stands above them with its remedy.

use serde_json::Value;

use super::{duration, size, to_the_second};
use crate::cli::{
    cert,
    output::{plain, text},
};

/// A part of the box: its section of the status, its name at the left, and its line, made of that section.
pub(super) struct Part {
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    pub(super) line: fn(&Value) -> String,
}

/// Every part, in the order in which they are shown. A section that the box does not tell is left out.
pub(super) const PARTS: &[Part] = &[
    Part { section: "box", name: "Box", line: the_box },
    Part { section: "database", name: "Database", line: database },
    Part { section: "counts", name: "Holds", line: counts },
    Part { section: "overrides", name: "Overrides", line: overrides },
    Part { section: "upstream", name: "Upstream", line: upstream },
    Part { section: "tls", name: "TLS", line: tls },
    Part { section: "backup", name: "Backup", line: backup },
];
fn the_box(status: &Value) -> String {
    let about = &status["box"];
    let up = || duration(about["uptime_seconds"].as_i64().unwrap_or_default());
    let serving = if status["serving"] == true { format!(", serving for {}", up()) } else { String::new() };
    format!("{} (orgbox {}){serving}", text(&about["title"]), text(&about["version"]))
}

fn database(status: &Value) -> String {
    let database = &status["database"];
    let (bytes, wal_bytes) = (size(&database["database_bytes"]), size(&database["wal_bytes"]));
    let disk = database["disk_free_bytes"]
        .as_u64()
        .map(|_| format!("; {} left on its disk", size(&database["disk_free_bytes"])));
    format!("{bytes} and {wal_bytes} of log{}; {}", disk.unwrap_or_default(), plain(&database["path"]))
}

fn counts(status: &Value) -> String {
    let counts = &status["counts"];
    let (organizations, cameras) = (&counts["organizations"], &counts["cameras"]);
    let (members, users, keys) = (&counts["members"], &counts["users"], &counts["api_keys"]);
    format!("organizations {organizations}, cameras {cameras}, users {users}, members {members}, keys {keys}")
}

/// How the watched files stand. What is wrong with them is told above.
fn overrides(status: &Value) -> String {
    let told = &status["overrides"];
    let standing = text(&told["standing"]).replace('_', " ");
    let since = told["since"].as_str().map(|since| format!(" since {}", to_the_second(since))).unwrap_or_default();
    let force = match told["last_good_since"].as_str() {
        Some(good) => format!("; in force is what was read {}", to_the_second(good)),
        None => "; nothing is overridden".to_owned(),
    };
    let count = |name: &str| told[name].as_u64().filter(|count| *count > 0);
    let warnings = count("warning_count").map(|count| format!("; {count} warnings")).unwrap_or_default();
    let ending = told["expiring"].as_array().map_or(0, Vec::len);
    let ending = if ending > 0 { format!("; {ending} end within a day") } else { String::new() };
    let polling = if told["polling_because"].is_string() { "; found by polling" } else { "" };
    format!("{standing}{since}{force}{warnings}{ending}{polling}")
}

/// The link to the billing system, and what waits.
fn upstream(status: &Value) -> String {
    let told = &status["upstream"];
    let state = format!("{} since {}", text(&told["state"]).replace('_', " "), to_the_second(text(&told["since"])));
    if told["state"] == "off" {
        return state;
    }
    let events = told["queue"]["events"].as_i64().map_or("events".to_owned(), |events| format!("{events} events"));
    let oldest = told["queue"]["oldest_seconds"].as_i64().map(|age| format!(", the oldest {} old", duration(age)));
    let parked = told["parked"].as_i64().filter(|parked| *parked > 0);
    let parked = parked.map(|parked| format!("; {parked} set aside")).unwrap_or_default();
    format!("{state}; {events} wait{}{parked}", oldest.unwrap_or_default())
}

/// The certificate.
fn tls(status: &Value) -> String {
    let (told, certificate) = (&status["tls"], &status["tls"]["certificate"]);
    match (told["standing"].as_str(), certificate.is_object()) {
        (Some("off"), _) => "off: the box speaks plain HTTP".to_owned(),
        (_, false) => "no certificate: handshakes are refused".to_owned(),
        (_, true) => cert::validity(told),
    }
}

/// The newest backup, and the next.
fn backup(status: &Value) -> String {
    let (told, last) = (&status["backup"], &status["backup"]["last"]);
    let newest = match last["age_seconds"].as_i64() {
        Some(age) => format!("{} ago, {}; {} kept", duration(age), size(&last["bytes"]), told["kept"]),
        None => "none yet (`orgbox backup create`)".to_owned(),
    };
    let next = told["next_at"].as_str().map(|next| format!("; next {}", to_the_second(next))).unwrap_or_default();
    let failure = told["failure"]["name"].as_str().map(|name| format!("; failed: {name}")).unwrap_or_default();
    format!("{newest}{next}{failure}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{backup, tls, upstream};

    #[test]
    fn a_link_that_is_behind_says_by_how_much() {
        let told = |state: &str, parked: i64| {
            json!({ "upstream": { "state": state, "since": "2026-03-14T09:26:53.5Z", "parked": parked,
                "queue": { "events": 3, "bytes": 900, "oldest_seconds": 7200 } } })
        };
        assert_eq!(upstream(&told("off", 0)), "off since 2026-03-14T09:26:53Z");
        let behind =
            "credential refused since 2026-03-14T09:26:53Z; 3 events wait, the oldest 2 h 0 min old; 1 set aside";
        assert_eq!(upstream(&told("credential_refused", 1)), behind);
    }

    #[test]
    fn certificate_and_backup_fit_a_line() {
        let told = json!({ "standing": "in_force", "source": "files", "certificate": { "validity": "ends_soon", "days_left": 9 } });
        assert_eq!(tls(&json!({ "tls": told })), "files, ends soon, 9 days left");
        for (left, said) in [(1, "1 day left"), (0, "0 days left"), (-1, "less than a day ago"), (-3, "2 days ago")] {
            let told = json!({ "source": "files", "certificate": { "validity": "ended", "days_left": left } });
            assert_eq!(tls(&json!({ "tls": told })), format!("files, ended, {said}"));
        }
        let told =
            json!({ "kept": 7, "last": { "age_seconds": 90_000, "bytes": 2048 }, "next_at": "2026-03-14T03:00:00Z" });
        assert_eq!(backup(&json!({ "backup": told })), "1 d 1 h ago, 2.0 KiB; 7 kept; next 2026-03-14T03:00:00Z");
        assert!(backup(&json!({ "backup": { "kept": 0, "last": null } })).starts_with("none yet"));
    }
}
