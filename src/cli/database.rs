//! The database as a verb uses it: open beside whatever serves it, always in the name of the command line.
//!
//! The only file of the command line that names the store.

use super::failed::Failed;
use crate::{
    app::{self, StartError},
    clock::Clock,
    config::Config,
    model::{
        self, OrgId, UserId,
        actor::{Actor, Who},
    },
    ops::{load, user},
    store::{OpenError, Read, Store, Write},
};

/// An open database.
pub(super) struct Database(Store);

impl Database {
    /// Opens the database that the configuration names; makes none.
    pub(super) fn open(config: &Config) -> Result<Self, Failed> {
        Ok(Self(app::open_beside(config, Clock::system())?))
    }

    /// Reads from one snapshot.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Read<'_>, &Actor) -> model::Result<T>,
    ) -> Result<model::Result<T>, Failed> {
        Ok(self.0.reader()?.read(|read| Ok(work(read, &Actor::command_line())))?)
    }

    /// Makes one change; what comes back is on disk.
    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>, &Who) -> model::Result<T> + Send + 'static,
    ) -> model::Result<T> {
        self.0.write(move |write| work(write, &Who::command_line()))
    }

    /// The user with this login.
    pub(super) fn user(&self, login: &str) -> Result<UserId, Failed> {
        let found = self.read(|read, actor| user::id_of_login(read, actor, login))?;
        let missing = || format!("no user has the login `{login}`; see `orgbox user list`");
        found.map_err(|error| Failed::or_missing(error, missing))
    }

    /// The organization with this name, or else with this id.
    pub(super) fn organization(&self, name_or_id: &str) -> Result<OrgId, Failed> {
        let found = self.read(|read, _| load::resolve(read, name_or_id))?;
        let missing = || format!("no organization has the name or the id `{name_or_id}`");
        found.map_err(|error| Failed::or_missing(error, missing))
    }
}

impl From<OpenError> for Failed {
    fn from(error: OpenError) -> Self {
        StartError::from(error).into()
    }
}
