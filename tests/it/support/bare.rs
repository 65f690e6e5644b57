//! A store without a server: set up as the first start leaves it, in a temporary directory, with a clock that stands still.

use std::path::PathBuf;

use orgbox::{
    clock::Clock,
    model::{
        Organization, Result,
        actor::Who,
        organization::NewOrganization,
        user::{Contact, Join, NewUser, Role, User},
    },
    ops::{organization, setup, user},
    store::{Options, Store, Write},
};

use super::test_box::NOON_MS;

/// What stands for the hash of every password here: nobody signs in to a store.
pub const FAKE_HASH: &str = "$argon2id$not-a-real-hash";

/// A store and the folder it is in.
pub struct Bare {
    pub store: Store,
    pub clock: Clock,
    directory: tempfile::TempDir,
}

impl Bare {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data").join("orgbox.db");
        let clock = Clock::manual(NOON_MS);
        let store = Store::open(&path, clock.clone(), options).unwrap();
        store.write(|write| setup::first_start(write, FAKE_HASH.to_owned())).unwrap();
        Self { store, clock, directory }
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().join("data").join("orgbox.db")
    }

    /// A connection of the test's own, beside the store's.
    pub fn sqlite(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path()).unwrap()
    }

    /// Writes as the operator at the command line.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Write<'_>, &Who) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write(move |write| work(write, &Who::command_line()))
    }

    /// The first column of every row as text; NULL is empty.
    pub fn column(&self, sql: &str) -> Vec<String> {
        let connection = self.sqlite();
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
        rows.map(|value| match value.unwrap() {
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Null => String::new(),
            other => format!("{other:?}"),
        })
        .collect()
    }

    pub fn organization(&self, title: &str) -> Organization {
        let new = NewOrganization { title: title.to_owned(), ..NewOrganization::default() };
        self.write(move |write, who| organization::create(write, who, new)).unwrap()
    }

    pub fn user(&self, login: &str) -> User {
        let new = new_user(login);
        self.write(move |write, who| user::create(write, who, &new)).unwrap()
    }
}

/// A plain user that is nowhere a member.
pub fn new_user(login: &str) -> NewUser {
    NewUser {
        login: login.to_owned(),
        password_hash: Some(FAKE_HASH.to_owned()),
        role: Role::User,
        enabled: true,
        contact: Contact::default(),
        max_sessions: None,
        join: Join::None,
    }
}
