//! Logins for lists that name the users they speak of.

use std::collections::HashMap;

use crate::{
    model::{Result, UserId},
    store::{Read, users},
};

/// Looks each login up once: few users own most organizations.
pub(super) struct Logins<'r, 'c> {
    read: &'r Read<'c>,
    known: HashMap<UserId, Option<String>>,
}

impl<'r, 'c> Logins<'r, 'c> {
    /// Nothing looked up yet.
    pub(super) fn new(read: &'r Read<'c>) -> Self {
        Self { read, known: HashMap::new() }
    }

    /// The view that they are read from.
    pub(super) fn read(&self) -> &'r Read<'c> {
        self.read
    }

    /// The login of a user; `None` where there is no such user.
    pub(super) fn of(&mut self, user: UserId) -> Result<Option<String>> {
        if let Some(login) = self.known.get(&user) {
            return Ok(login.clone());
        }
        let login = users::login(self.read, user)?;
        self.known.insert(user, login.clone());
        Ok(login)
    }
}
