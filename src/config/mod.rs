//! The configuration: a file and its drop-ins become a [`Config`], or every [`Problems`] they
//! have, each with file, line, column and remedy. It must not know the rest of the crate, and
//! it changes nothing on disk.
//!
//! `values` says what a configuration is, `keys` is the one table of keys, `walk` goes through
//! a file and leaves each value to `field` and each list of tables to `records`. `secrets`
//! come last, because only then is it known which file holds the one in force.

mod field;
mod files;
mod keys;
mod problems;
mod records;
mod secrets;
mod shape;
mod show;
mod values;
mod walk;

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

pub use keys::names as key_names;
pub use problems::{Origin, Origins, Place, Problem, Problems, Subject};
pub use secrets::Secret;
pub use values::{
    Branding, Config, Database, Igrp, IgrpType, Limits, Server, Site, Socket, Surfsight, Watcher, Wotkit,
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
/// # Errors
/// Everything that is wrong in all the files and secrets together; nothing of them is in force.
pub fn load(path: Option<&Path>, environment: &Environment) -> Result<Config, Problems> {
    let mut config = Config::default();
    let mut problems = Problems::default();
    let mut secret_files = walk::SecretFiles::new();
    let files = path.map_or_else(Vec::new, |path| files::all(path, &mut problems));
    for file in files {
        if let Some(text) = files::text(&file, &mut problems) {
            walk::read(&file, &text, &mut config, &mut secret_files, &mut problems);
        }
    }
    secrets::resolve(&mut config, &secret_files, environment, &mut problems);
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}
