//! `config.example.toml` and `config show`: what people copy from must be true.

use std::path::Path;

use super::{Folder, assert_holds};
use orgbox::config::{self, Config, Environment, Origin};
use orgbox::model::overrides::FIELDS;

const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// What `config show` prints, without the origins.
fn values(config: &Config) -> String {
    let lines = config.show();
    let lines = lines.lines().map(|line| line.split(" #").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The example with all that is commented out in it in force.
fn in_force() -> String {
    let paragraphs = EXAMPLE.split("\n\n").map(|paragraph| {
        let mut is_example = false;
        let lines = paragraph.lines().map(|line| {
            let is_key = line
                .strip_prefix("# ")
                .and_then(|line| line.split_once(" = "))
                .is_some_and(|(key, _)| key == "socket" || key.ends_with("_file"));
            is_example |= is_key || line.starts_with("# [");
            line.strip_prefix("# ").filter(|_| is_example).unwrap_or(line)
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// The secrets that the example names.
fn write_secrets(folder: &Folder) {
    folder.write("watcher-system-key", "key-of-the-example");
    folder.write("upstream-token", "token");
    folder.write("upstream-signing-secret", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz");
    for name in ["upstream-ca.pem", "upstream-client.pem", "upstream-client.key"] {
        folder.write(name, "-----BEGIN X-----\nAA==\n-----END X-----\n");
    }
}

#[test]
fn the_example_holds_the_defaults() {
    // Loaded by this name, its relative paths stay as they are written.
    let config = config::load(Some(Path::new("config.example.toml")), &Environment::default()).unwrap();
    assert_eq!(values(&config), values(&Config::default()));
}

#[test]
fn the_example_mentions_every_key() {
    let folder = Folder::new();
    folder.write("config.toml", in_force());
    write_secrets(&folder);
    let config = folder.load();
    for name in config::key_names() {
        let key = name.rsplit('.').next().unwrap();
        if name.starts_with("brandings.") || name.starts_with("igrps.") {
            let written = in_force().lines().any(|line| {
                line.trim_start_matches([' ', '{']).starts_with(&format!("{key} = "))
                    || line.contains(&format!(", {key} = "))
            });
            assert!(written, "{name}");
        } else {
            assert_ne!(config.origins.get(&name), Origin::Default, "{name}");
        }
    }
    assert_eq!((config.brandings.len(), config.igrps.len()), (1, 1));
    let [table] = &config.overrides.tables[..] else { panic!("{:?}", config.overrides) };
    assert!(table.create && !table.parents.is_empty() && table.expires_at_ms.is_some());
    let managed: Vec<_> = table.settings.iter().map(|setting| setting.field).collect();
    assert_eq!(managed, FIELDS.map(|(field, _)| field));
    assert_eq!(config.igrps[0].types.len(), 2);
}

#[test]
fn what_is_shown_says_where_it_comes_from_and_reads_back_the_same() {
    let folder = Folder::new();
    folder.write("config.toml", in_force());
    write_secrets(&folder);
    folder.write(
        "config.d/10.toml",
        "version = 1\n[site]\ntitle = \"a \\\"b\\\" # c\"\n[server]\nlisten = [\"[::1]:1\", \"0.0.0.0:2\"]\n",
    );
    let shown = folder.load().show();
    let drop_in = folder.path("config.d/10.toml");
    assert_holds(&shown, &format!("# c' # {}:3\n", drop_in.display()));
    assert_holds(&shown, &format!("listen = [\"[::1]:1\", \"0.0.0.0:2\"] # {}:5\n", drop_in.display()));
    let again = Folder::new();
    again.write("config.toml", &shown);
    let without_secrets = |config: &Config| {
        let shown = values(config);
        let lines: Vec<_> = shown.lines().filter(|line| !line.contains("_file: ")).map(str::to_owned).collect();
        lines.join("\n")
    };
    assert_eq!(without_secrets(&again.load()), without_secrets(&folder.load()));
    assert_holds(&Config::default().show(), "\nmax_sessions = 100 # default\n");
}

#[test]
fn a_file_name_with_a_line_break_stays_in_its_comment() {
    let folder = Folder::with("");
    folder.write("config.d/1\nversion = 2.toml", "version = 1\nsite.title = \"a\"\n");
    let shown = folder.load().show();
    assert_holds(&shown, "1?version = 2.toml:2\n");
}
