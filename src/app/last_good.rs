//! How a box runs whose configuration cannot be used: as it did when its files were in order last. It must not know what
//! is started with that.

use std::path::Path;

use crate::{
    config::{self, Config, Environment},
    store::last_good::{self, LastGood},
};

/// The configuration as it was read last without a mistake; `None` where it is not to be found. The database that keeps it
/// is the one that the files still name, or else the default one: it must have been served with this very main file, and
/// what it keeps must name that database, so that no box runs on another's.
pub fn configuration(main: &Path, environment: &Environment) -> Option<Config> {
    let database = config::database_of(main);
    let LastGood { main: kept_for, files } = last_good::peek(&database)?;
    if kept_for != config::known_as(main) {
        return None;
    }
    let config = config::load_former(main, files, environment).ok()?;
    let same = config.database.path.canonicalize().ok()? == database.canonicalize().ok()?;
    same.then_some(config)
}
