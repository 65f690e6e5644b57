//! What each key takes and what it refuses.

use super::{Folder, assert_holds, assert_starts};
use orgbox::config;

/// A file in which `name` has `value` and its list, if it is in one, is begun.
fn file_with(name: &str, value: &str) -> String {
    match name.split_once('.') {
        Some(("igrps", rest)) if rest.starts_with("types.") => {
            let key = rest.trim_start_matches("types.");
            format!("[[igrps]]\nid = 1\nname = \"n\"\ntypes = [{{ {key} = {value} }}]\n")
        }
        Some((list @ ("brandings" | "igrps"), key)) => format!("[[{list}]]\n{key} = {value}\n"),
        _ => format!("{name} = {value}\n"),
    }
}

#[test]
fn every_key_refuses_every_type_that_is_not_its_own() {
    let names = config::key_names();
    assert!(names.len() >= 28, "{names:?}");
    // No key takes any of these: a date, a float, an array of arrays, a table of nothing known.
    for value in ["1979-05-27", "1.5", "[[1]]", "{ zzzzzz = 1 }"] {
        for name in names.iter().filter(|name| *name != "version") {
            let problems = Folder::with(&file_with(name, value)).problems();
            let wanted = format!("`{name}` must be ");
            let about: Vec<_> = problems.iter().filter(|line| line.contains(&wanted)).collect();
            // The missing neighbours of a list's key are other problems.
            assert_eq!(about.len(), 1, "{name} = {value}: {problems:#?}");
        }
    }
}

#[test]
fn a_value_has_the_type_of_its_key() {
    for (name, value) in [
        ("limits.max_body_bytes", "true"),
        ("limits.max_body_bytes", "\"2048\""),
        ("limits.max_body_bytes", "99999999999999999999"),
        ("limits.max_body_bytes", "-1"),
        ("dialects.wotkit.legacy_status", "1"),
        ("dialects.wotkit.legacy_status", "\"true\""),
        ("site.title", "7"),
        ("database.path", "true"),
        ("database.path", "\"\""),
        ("database.path", "\"a\\u0000b\""),
        ("dialects.watcher.system_key_file", "12"),
        ("dialects.watcher.system_key_file", "\"\""),
        ("server.listen", "8480"),
        ("server.listen", "[]"),
        ("server.listen", "[8480]"),
        ("server.listen", "\"localhost:8480\""),
        ("server.listen", "\":8480\""),
        ("server.listen", "\"127.0.0.1\""),
        ("server.listen", "\"127.0.0.1:65536\""),
    ] {
        assert_holds(
            &Folder::with(&file_with(name, value)).problem(),
            &format!("config.toml:2:{}: `{name}` must be ", name.len() + if value.starts_with("[8") { 5 } else { 4 }),
        );
    }
}

#[test]
fn every_number_keeps_its_bounds() {
    for (name, min, max) in [
        ("dialects.watcher.max_sessions", 1, 10_000),
        ("dialects.surfsight.max_purge_days", 1, 366),
        ("upstream.start_jitter_seconds", 0, 3600),
        ("upstream.heartbeat_seconds", 10, 86_400),
        ("upstream.max_batch_events", 1, 500),
        ("upstream.max_batch_bytes", 1 << 10, 4 << 20),
        ("upstream.queue_bytes", 1 << 20, 1 << 30),
        ("limits.max_body_bytes", 1 << 10, 16 << 20),
        ("limits.max_connections", 16, 65_536),
        ("limits.header_timeout_seconds", 1, 60),
        ("limits.body_timeout_seconds", 1, 600),
        ("limits.send_timeout_seconds", 1, 600),
        ("limits.keep_alive_seconds", 1, 3600),
        ("limits.shutdown_timeout_seconds", 1, 300),
        ("limits.write_queue_jobs", 16, 65_536),
        ("limits.write_batch_jobs", 1, 1024),
        ("limits.password_hash_queue", 1, 1024),
    ] {
        for inside in [min, max] {
            let shown = Folder::with(&format!("{name} = {inside}\n")).load().show();
            let key = name.rsplit('.').next().unwrap();
            assert_holds(&shown, &format!("\n{key} = {inside} # /"));
        }
        for outside in [min - 1, max + 1] {
            let problem = Folder::with(&format!("{name} = {outside}\n")).problem();
            assert_holds(&problem, &format!("from {min} to {max}, not {outside}; leave"));
        }
    }
}

#[test]
fn numbers_may_be_written_in_every_way_of_toml() {
    for value in ["2_048", "0x800", "0o4000", "0b100000000000", "+2048"] {
        let config = Folder::with(&format!("limits.max_body_bytes = {value}\n")).load();
        assert_eq!(config.limits.max_body_bytes, 2048, "{value}");
    }
}

#[test]
fn the_box_listens_on_one_address_or_several() {
    let config = Folder::with("server.listen = \"[::1]:0\"\n").load();
    assert_eq!(config.server.listen, ["[::1]:0".parse().unwrap()]);
    let text = "server.listen = [\"0.0.0.0:80\", \"127.0.0.1:0\", \"127.0.0.1:0\"]\n";
    assert_eq!(Folder::with(text).load().server.listen.len(), 3);
    let text = "server.listen = [\"0.0.0.0:80\", \"0.0.0.0:80\"]\n";
    let problem = Folder::with(text).problem();
    assert_starts(&problem, "config.toml:2:32: `server.listen` names 0.0.0.0:80 twice");
    let many = "\"127.0.0.1:0\",".repeat(17);
    let problem = Folder::with(&format!("server.listen = [{many}]\n")).problem();
    assert_holds(&problem, "array of 1 to 16 of them");
}

#[test]
fn a_title_is_one_line_of_255_characters() {
    for title in ["x", &"ж".repeat(255)] {
        let config = Folder::with(&format!("site.title = \"{title}\"\n")).load();
        assert_eq!(config.site.title, title);
    }
    for title in ["", "  ", "a\\nb", &"ж".repeat(256)] {
        let problem = Folder::with(&format!("site.title = \"{title}\"\n")).problem();
        assert_holds(&problem, "must be a text of 1 to 255 characters on one line, not blank");
    }
}
