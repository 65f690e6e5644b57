//! The configuration: a file and its drop-ins become a [`Config`], or every [`Problems`] they
//! have, each with file, line, column and remedy. Of the rest of the crate it knows only what the
//! model says of override tables and what a signing secret is, so that bounds and forms stand once;
//! it changes nothing on disk.
//!
//! `values` says what a configuration is, `keys` is the one table of keys, `walk` goes through
//! a file and leaves each value to `field`, each list of tables to `records` and the tables of
//! organizations to `overrides`. `secrets`
//! come last, because only then is it known which file holds the one in force.

mod agreement;
mod field;
mod files;
mod keys;
mod overrides;
mod problems;
mod records;
mod secrets;
mod settings;
mod shape;
mod show;
mod tls;
mod url;
mod values;
mod walk;

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

pub use files::{DROP_INS, Files};
pub use keys::{LIVE as LIVE_KEYS, names as key_names};
pub use problems::{Origin, Origins, Place, Problem, Problems, Subject};
pub use secrets::{Places as SecretPlaces, Secret, all as secrets_of, credentials};
pub use settings::Settings;
pub use values::{
    Backup, Branding, Config, Database, Igrp, IgrpType, Limits, Log, Metrics, Overrides, Server, Site, Socket, Source,
    Surfsight, Tls, Upstream, Watcher, Wotkit,
};

/// What the configuration takes from the process, handed in so that a test can set it.
#[derive(Clone, Default)]
pub struct Environment {
    /// Folder with one file a secret, as a service manager hands them over
    /// (`CREDENTIALS_DIRECTORY`).
    pub credentials_directory: Option<PathBuf>,
    /// The first administrator's password (`ORGBOX_ADMIN_PASSWORD`); a credential comes before it.
    pub admin_password: Option<String>,
}

impl Environment {
    /// What the environment of this process says.
    pub fn from_process() -> Self {
        Self {
            credentials_directory: env::var_os("CREDENTIALS_DIRECTORY")
                .filter(|folder| !folder.is_empty())
                .map(PathBuf::from),
            // What is not UTF-8 keeps a mark that the check of the password refuses.
            admin_password: env::var_os("ORGBOX_ADMIN_PASSWORD")
                .map(|password| password.to_string_lossy().into_owned()),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.admin_password.as_ref().map(|_| "not shown");
        f.debug_struct("Environment")
            .field("credentials_directory", &self.credentials_directory)
            .field("admin_password", &password)
            .finish()
    }
}

/// The configuration in the file at `path` and the drop-ins `config.d/*.toml` beside it: in
/// the order of their names, a later value for the earlier one, lists added up. Without a path
/// the defaults, and no file is looked for. A relative path in a file is seen from the folder
/// of that file.
///
/// What is wrong with override tables alone is no error here: the box starts, and what was in force before stays so.
/// Then the configuration holds none of the tables that are wrong. [`parse`] tells.
///
/// # Errors
/// Everything that is wrong with the process settings in all the files and secrets together; nothing of them is in force.
pub fn load(path: Option<&Path>, environment: &Environment) -> Result<Config, Problems> {
    of_files(&path.map(Files::read).unwrap_or_default(), path, environment)
}

/// The configuration that stood in these files of a main file.
///
/// # Errors
/// As [`load`].
pub fn load_former(main: &Path, texts: Vec<(String, String)>, environment: &Environment) -> Result<Config, Problems> {
    of_files(&Files::of_former(main, texts), Some(main), environment)
}

/// The database that the files name as far as they can be read, or else the one that is there without any.
pub fn database_of(main: &Path) -> PathBuf {
    let mut files = Files::read(main);
    files.keep_what_parses();
    parse_apart(&files).0.database.path
}

/// How a main file is known, wherever a command is run.
pub fn known_as(main: &Path) -> String {
    std::path::absolute(main).unwrap_or_else(|_| main.to_owned()).to_string_lossy().into_owned()
}

fn of_files(files: &Files, main: Option<&Path>, environment: &Environment) -> Result<Config, Problems> {
    let (mut config, problems) = parse(files, environment);
    let problems = problems.of_settings();
    if !problems.is_empty() {
        return Err(problems);
    }
    config.source.file = main.map(Path::to_owned);
    Ok(config)
}

/// What these files say, and everything that is wrong with them and with the secrets that they name.
pub fn parse(files: &Files, environment: &Environment) -> (Config, Problems) {
    let (mut config, mut problems, secret_files) = walk_all(files);
    secrets::resolve(&mut config, &secret_files, environment, &mut problems);
    agreement::check_secrets(&config, &mut problems);
    tls::resolve(&mut config, environment);
    config.source.environment = environment.clone();
    config.source.settings = Settings::of(&config);
    (config, problems)
}

/// As [`parse`], without the secrets: for files that lie elsewhere than they will, so that the secrets beside them are not
/// there.
pub fn parse_apart(files: &Files) -> (Config, Problems) {
    let (config, problems, _) = walk_all(files);
    (config, problems)
}

fn walk_all(files: &Files) -> (Config, Problems, walk::SecretFiles) {
    let mut config = Config::default();
    let mut problems = Problems::default();
    let mut secret_files = walk::SecretFiles::new();
    for file in &files.list {
        match &file.content {
            Ok(text) => walk::read((&file.path, &file.name), text, &mut config, &mut secret_files, &mut problems),
            Err(unread) => problems.push(unread.problem.clone()),
        }
    }
    if let Some(problem) = &files.problem {
        problems.push(problem.clone());
    }
    overrides::check_size(&config.overrides.tables, &mut problems);
    agreement::check(&config, &mut problems);
    (config, problems, secret_files)
}
