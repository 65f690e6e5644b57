//! House rules that can be read off the source text: who may name whom, how large things are, what is not left lying about.

mod source;

use std::{collections::BTreeSet, fs, path::Path};

use source::{Function, blank, functions, words};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const DIALECTS: [&str; 5] = ["watcher", "wotkit", "infinity", "surfsight", "native"];

/// A file of the source tree: its path from the root of the package, its text, and the text with comments and literals
/// blanked out.
struct File {
    path: String,
    text: String,
    code: String,
}

impl File {
    fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    fn names(&self, word: &str) -> bool {
        words(&self.code).any(|found| found == word)
    }

    /// The dialect whose folder this is in.
    fn dialect(&self) -> Option<&'static str> {
        DIALECTS.into_iter().find(|dialect| self.path.starts_with(&format!("src/api/{dialect}/")))
    }
}

/// Every Rust file below these folders.
fn files(folders: &[&str]) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.push(File { path, code: blank(&text), text });
            }
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(found.len() > 5, "the tests look for the source in the wrong place");
    found
}

/// Fails with one line for each file that breaks a rule.
#[track_caller]
fn none(rule: &str, found: impl IntoIterator<Item = String>) {
    let found: Vec<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

/// `path:line` of every line of the code that holds this text.
fn lines(files: &[File], wanted: &str) -> Vec<String> {
    let places = files.iter().flat_map(|file| {
        let hits = file.code.lines().zip(1..).filter(|(line, _)| line.contains(wanted));
        hits.map(|(_, number)| format!("{}:{number}", file.path))
    });
    places.collect()
}

#[test]
fn only_their_own_rooms_name_the_libraries() {
    let files = files(&["src"]);
    for (library, rooms) in [
        // The collector is the other side, with a file and a server of its own.
        ("rusqlite", &["src/store/", "src/collector/ledger/"][..]),
        ("actix_web", &["src/api/", "src/app.rs", "src/collector/server.rs"]),
        ("async", &["src/api/", "src/app.rs", "src/collector/server.rs"]),
        ("await", &["src/api/", "src/app.rs", "src/collector/server.rs"]),
        ("ureq", &["src/upstream/client", "src/cli/socket.rs"]),
        ("rustix", &["src/cli/screen.rs", "src/store/room.rs", "src/store/ballast.rs", "src/app/descriptors.rs"]),
        ("rustls", &["src/tls/", "src/upstream/client"]),
        ("rcgen", &["src/tls/own.rs"]),
        ("sd_notify", &["src/service.rs"]),
        ("listenfd", &["src/service.rs"]),
        ("argon2", &["src/ops/password.rs"]),
    ] {
        let strangers = files.iter().filter(|file| file.names(library) && !file.is_in(rooms));
        none(&format!("{library} is named only in {}", rooms.join(" and ")), strangers.map(|file| file.path.clone()));
    }
    for library in ["serde", "serde_json", "Serialize", "Deserialize"] {
        let strangers = files.iter().filter(|file| file.names(library) && file.is_in(&["src/model/", "src/ops/"]));
        none(&format!("{library} has no place in the core"), strangers.map(|file| file.path.clone()));
    }
    // `sd_notify` ends like it, and has a room of its own above.
    let rooms = ["src/overrides/watch", "src/service.rs"];
    let strangers =
        lines(&files, "notify::").into_iter().filter(|place| !rooms.iter().any(|room| place.starts_with(room)));
    none("notify is named only in src/overrides/watch", strangers);
}

#[test]
fn layers_name_only_what_is_below_them() {
    let files = files(&["src"]);
    for (layer, below) in [
        ("src/model/", &["model"][..]),
        ("src/store/", &["store", "model", "clock", "histogram", "pulse"]),
        ("src/ops/", &["ops", "store", "model"]),
        (
            "src/api/",
            &[
                "api",
                "ops",
                "store",
                "model",
                "clock",
                "envelope",
                "overrides",
                "tls",
                "upstream",
                "backup",
                "histogram",
                "pulse",
            ],
        ),
        ("src/tls/", &["tls", "model", "clock"]),
        ("src/backup/", &["backup", "ops", "store", "model", "clock"]),
        ("src/envelope.rs", &["model"]),
        ("src/config/", &["config", "suggest", "model", "upstream"]),
        ("src/clock.rs", &[]),
        ("src/histogram.rs", &[]),
        ("src/log.rs", &[]),
        ("src/suggest.rs", &[]),
        ("src/pulse.rs", &[]),
        ("src/service.rs", &["pulse", "clock"]),
        ("src/overrides/", &["overrides", "ops", "store", "model", "config", "clock"]),
        ("src/upstream/", &["upstream", "ops", "store", "model", "clock", "envelope", "pulse"]),
        (
            "src/app",
            &[
                "api",
                "backup",
                "config",
                "ops",
                "overrides",
                "upstream",
                "store",
                "model",
                "service",
                "pulse",
                "clock",
                "log",
                "tls",
            ],
        ),
        ("src/collector/", &["collector", "upstream", "clock"]),
        (
            "src/cli/",
            &[
                "cli",
                "app",
                "backup",
                "collector",
                "config",
                "ops",
                "model",
                "service",
                "clock",
                "log",
                "suggest",
                "tls",
                "upstream",
            ],
        ),
        ("src/main.rs", &["cli"]),
    ] {
        let strays = files.iter().filter(|file| file.is_in(&[layer])).flat_map(|file| {
            let strange = named_from_the_root(&file.code).into_iter().filter(|name| !below.contains(&name.as_str()));
            strange.map(|name| format!("{} names crate::{name}", file.path)).collect::<Vec<_>>()
        });
        none(&format!("{layer} names only {}", below.join(", ")), strays);
    }
    let strays =
        files.iter().filter(|file| file.is_in(&["src/collector/", "src/cli/", "src/config/"])).flat_map(|file| {
            let strange = named_after("upstream::", &file.code).into_iter().filter(|name| name != "sign");
            strange.map(|name| format!("{} names upstream::{name}", file.path)).collect::<Vec<_>>()
        });
    none("collector, command line and configuration know of the upstream only the signature", strays);
    // A way up that passes the root would reach any layer unseen.
    none("no super::super in src", lines(&files, "super::super"));
}

#[test]
fn dialects_name_neither_each_other_nor_the_store() {
    let files = files(&["src/api"]);
    assert!(files.iter().any(|file| file.dialect().is_some()), "there are dialects");
    let mut strays = Vec::new();
    for file in &files {
        let Some(own) = file.dialect() else { continue };
        for other in DIALECTS.iter().filter(|other| **other != own && file.names(other)) {
            strays.push(format!("{} names {other}", file.path));
        }
        for name in named_from_the_root(&file.code) {
            if !["api", "ops", "model", "envelope"].contains(&name.as_str()) {
                strays.push(format!("{} names crate::{name}", file.path));
            }
        }
        let mut of_the_edge = named_after("api::", &file.code);
        if file.path.ends_with(&format!("{own}/mod.rs")) {
            of_the_edge.extend(named_after("super::", &file.code));
        }
        let shared = [
            "auth",
            "body",
            "call",
            "carriage",
            "certificate",
            "dialect",
            "failure",
            "feed",
            "link",
            "openapi",
            "pairs",
            "watched",
        ];
        for name in of_the_edge.iter().filter(|name| !shared.contains(&name.as_str())) {
            strays.push(format!("{} names api::{name}", file.path));
        }
    }
    none("a dialect names only the shared edge, ops and model", strays);
}

#[test]
fn every_dialect_is_laid_out_alike() {
    let paths: BTreeSet<String> = files(&["src/api"]).into_iter().map(|file| file.path).collect();
    let built = DIALECTS.iter().filter(|dialect| paths.iter().any(|path| path.contains(&format!("/{dialect}/"))));
    let missing = built.flat_map(|dialect| {
        let rooms = ["mod", "auth", "wire", "organizations", "error"];
        rooms.map(|room| format!("src/api/{dialect}/{room}.rs")).into_iter().filter(|path| !paths.contains(path))
    });
    none("a dialect has the files that every dialect has", missing);
}

#[test]
fn every_file_says_what_it_holds_and_stays_small() {
    let files = files(&["src", "tests"]);
    none(
        "a file opens with //!",
        files.iter().filter(|file| !file.text.starts_with("//! ")).map(|file| file.path.clone()),
    );
    let large = files.iter().filter(|file| file.text.lines().count() > FILE_LINES_MAX);
    none("a file has at most 500 lines", large.map(|file| file.path.clone()));
    let long = files.iter().filter(|file| file.is_in(&["src/"])).flat_map(|file| {
        let long = functions(&file.code).into_iter().filter(|function| function.lines > FUNCTION_LINES_MAX);
        long.map(|Function { name, lines }| format!("{}: {name} has {lines} lines", file.path)).collect::<Vec<_>>()
    });
    none("a function has at most 70 lines", long);
}

#[test]
fn nothing_is_left_lying_about() {
    let source = files(&["src"]);
    for banned in
        ["#[allow", "#![allow", ".unwrap()", "dbg!", "todo!", "unimplemented!", "thread::sleep", "std::process::exit"]
    {
        none(&format!("no {banned} in src"), lines(&source, banned));
    }
    for banned in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")] {
        let found = source.iter().filter(|file| file.text.contains(banned));
        none(&format!("no {banned} in src"), found.map(|file| file.path.clone()));
    }
    none("no sleep in tests", lines(&files(&["tests"]), "thread::sleep"));
}

/// The modules at the root of the crate that this code names.
fn named_from_the_root(code: &str) -> BTreeSet<String> {
    let mut names = named_after("crate::", code);
    names.extend(named_after("orgbox::", code));
    names
}

/// What stands after this mark, alone or first in the items of a group.
fn named_after(mark: &str, code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (start, mark) in code.match_indices(mark) {
        // `openapi::` is not `api::`.
        if code[..start].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &code[start + mark.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.extend(words(rest).next().map(str::to_owned));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for character in group.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.extend(words(&std::mem::take(&mut item)).next().map(str::to_owned)),
                _ if depth == 0 => item.push(character),
                _ => {}
            }
        }
        names.extend(words(&item).next().map(str::to_owned));
    }
    names
}

#[test]
fn the_rules_see_what_they_look_for() {
    let code =
        "use crate::{api::{call, body}, model, store::Read};\nuse mycrate::{other};\nfn a() { crate::clock::now() }";
    let names: Vec<_> = named_from_the_root(code).into_iter().collect();
    assert_eq!(names, ["api", "clock", "model", "store"]);
    let text =
        "let a = \"rusqlite {\"; // rusqlite\n/* rusqlite */ let b = '{'; let c = r#\"rusqlite \" {\"#; fn d<'x>() {}";
    let code = blank(text);
    assert!(!code.contains("rusqlite") && code.lines().count() == 2, "{code}");
    assert_eq!(code.matches('{').count(), 1, "{code}");
    let long = format!("fn short() {{}}\nfn long(x: [u8; 3]) {{\n{}}}\ntrait T {{ fn none(); }}", "x;\n".repeat(80));
    let found = functions(&long);
    assert_eq!(found.iter().map(|function| function.lines).collect::<Vec<_>>(), [1, 82]);
    assert_eq!(found[1].name, "long");
}
