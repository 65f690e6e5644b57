//! The configuration as an operator meets it: files in a folder, and the sentences they get
//! when something is wrong. It must not know how the files are walked.

mod example;
mod files;
mod lists;
mod overrides;
mod secrets;
mod upstream;
mod values;

use std::fs;
use std::path::{Path, PathBuf};

use orgbox::config::{self, Config, Environment, Problems, Subject};
use tempfile::TempDir;

/// A folder with a `config.toml` and what else a test puts there.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder whose main file has the version and then `text`, from line 2.
    fn with(text: &str) -> Self {
        let folder = Self::new();
        folder.write("config.toml", format!("version = 1\n{text}"));
        folder
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load_in(&self, environment: &Environment) -> Result<Config, Problems> {
        config::load(Some(&self.path("config.toml")), environment)
    }

    fn load(&self) -> Config {
        self.load_in(&Environment::default()).unwrap()
    }

    /// The problems as they are shown, file names seen from this folder.
    fn problems_in(&self, environment: &Environment) -> Vec<String> {
        let problems = self.load_in(environment).unwrap_err().to_string();
        let here = format!("{}/", self.0.path().display());
        problems.lines().map(|line| line.replace(&here, "")).collect()
    }

    fn problems(&self) -> Vec<String> {
        self.problems_in(&Environment::default())
    }

    /// The only problem there is.
    #[track_caller]
    fn problem(&self) -> String {
        let mut problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems.remove(0)
    }
}

#[track_caller]
fn assert_starts(problem: &str, start: &str) {
    assert!(problem.starts_with(start), "{problem}\nshould start with {start}");
}

#[track_caller]
fn assert_holds(text: &str, part: &str) {
    assert!(text.contains(part), "{text}\nshould hold {part}");
}

#[test]
fn without_a_file_everything_has_its_default() {
    let config = config::load(None, &Environment::default()).unwrap();
    assert_eq!(config.server.listen, ["127.0.0.1:8480".parse().unwrap()]);
    assert_eq!(config.database.path, Path::new("orgbox.db"));
    assert_eq!(config.site.title, "Flussonic Watcher");
    assert!(config.watcher.system_key.is_none());
    assert_eq!(config.watcher.max_sessions, 100);
    assert!(!config.wotkit.legacy_status);
    assert!(config.wotkit.public_directory);
    assert_eq!(config.surfsight.max_purge_days, 366);
    assert!(config.brandings.is_empty() && config.igrps.is_empty());
    assert_eq!(config.limits.max_body_bytes, 1_048_576);
    assert!(config.limits.max_connections > 10_000);
    assert_eq!(config.limits.header_timeout_seconds, 5);
    assert_eq!(config.limits.body_timeout_seconds, 20);
    assert_eq!(config.limits.keep_alive_seconds, 30);
    assert_eq!(config.limits.shutdown_timeout_seconds, 8);
    assert_eq!(config.limits.write_queue_jobs, 1024);
    assert_eq!(config.limits.write_batch_jobs, 256);
    assert_eq!(config.limits.password_hash_queue, 32);
    assert!(config.admin_password.is_none());
    assert_eq!(config.log.level, "info");
    assert!(config.overrides.tables.is_empty() && !config.overrides.allow_shrink);
}

#[test]
fn all_problems_come_at_once_with_file_line_and_column() {
    let folder = Folder::with(
        "[limits]\nmax_body_byte = 5000\n  write_batch_jobs = 9999\n\n[serve]\nlisten = \"x\"\n\
         [site]\ntitle = \"ä\"\n[database]\npath = 7\n",
    );
    folder.write("config.d/10-broken.toml", "version = 1\n[limits\n");
    folder.write("config.d/20-site.toml", "version = 1\nserver.listen = [\"127.0.0.1:80\", \"here\"]\n");
    let problems = folder.problems();
    let starts = [
        "config.toml:3:1: unknown key `limits.max_body_byte`; did you mean `max_body_bytes`?",
        "config.toml:4:22: `limits.write_batch_jobs` must be a whole number of jobs from 1 to 1024, \
         not 9999; leave the line out for the default, 256",
        "config.toml:6:2: unknown key `serve`; did you mean `server`?",
        "config.toml:11:8: `database.path` must be the path of a file, in quotes, not 7",
        "config.d/10-broken.toml:2:8: this is not valid TOML: ",
        "config.d/20-site.toml:2:34: `server.listen` must be an IP address with a port",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert_starts(problem, start);
    }
}

#[test]
fn problems_can_be_walked_as_values() {
    // A column is a character, however many bytes it takes.
    let folder = Folder::with("# ä\nsite = { title = \"äöü\", zzz = 1 }\n");
    let problems = folder.load_in(&Environment::default()).unwrap_err();
    let [problem] = problems.list() else { panic!("{problems}") };
    let Subject::Place(place) = &problem.subject else { panic!("{problem}") };
    assert_eq!((place.line, place.column), (3, 25));
    assert_holds(&problem.message, "known here: `title`");
}

#[test]
fn a_flood_of_problems_is_cut_short() {
    let text: String = (0..300).map(|key| format!("unheard_of_{key} = 1\n")).collect();
    let problems = Folder::with(&text).problems();
    assert_eq!(problems.len(), 201);
    assert_eq!(problems[200], "and 100 more");
}

#[test]
fn an_unknown_key_gets_the_remedy_that_fits() {
    for (text, remedy) in [
        ("[limits]\nmax-connection = 20\n", "did you mean `max_connections`?"),
        ("[LIMITS]\n", "did you mean `limits`?"),
        ("[dialects.wotkid]\n", "unknown key `dialects.wotkid`; did you mean `wotkit`?"),
        ("[server]\nmax_connections = 20\n", "it belongs under `[limits]`"),
        ("[server]\nversion = 1\n", "it belongs at the top of the file"),
        ("[server]\ncolour = 1\n", "known here: `listen`"),
        ("\"dialects.wotkit\" = { legacy_status = true }\n", "unknown key `dialects.wotkit`"),
        ("[organisations.\"*\"]\n", "did you mean `organizations`?"),
        ("limits = 5\n", "write `[limits]`"),
        ("[[limits]]\n", "write `[limits]`"),
    ] {
        assert_holds(&Folder::with(text).problem(), remedy);
    }
}

#[test]
fn what_a_file_says_cannot_break_the_line_of_its_problem() {
    let long = "x".repeat(5000);
    let problem = Folder::with(&format!("\"a\\nb{long}\" = 1\n")).problem();
    assert_holds(&problem, "unknown key `a\\nb");
    assert!(problem.len() < 400, "{problem}");
}
