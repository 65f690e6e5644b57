//! The real box on port 0 with a real database in a temporary directory and a clock that stands still.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

use orgbox::{
    app::{self, Running},
    clock::Clock,
    config::{self, Config, Environment},
};

use super::Client;

/// Password of the first administrator of every test box.
pub const ADMIN_PASSWORD: &str = "correct horse";
/// 2026-03-14T09:26:53Z.
pub const NOON_MS: i64 = 1_773_480_413_000;

/// A box that runs until it is dropped.
pub struct TestBox {
    // Removed with everything in it when the box is dropped.
    _directory: tempfile::TempDir,
    config: Config,
    running: Option<Running>,
    pub clock: Clock,
}

impl TestBox {
    /// With the default configuration.
    pub fn start() -> Self {
        Self::with("")
    }

    /// With more configuration: TOML that follows `version = 1`.
    pub fn with(toml: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        fs::write(&file, format!("version = 1\n{toml}")).unwrap();
        let config = configuration(&file);
        fs::create_dir(config.database.path.parent().unwrap()).unwrap();
        fs::write(&config.database.path, set_up()).unwrap();
        let clock = Clock::manual(NOON_MS);
        let running = app::start(&config, clock.clone()).unwrap();
        Self { _directory: directory, config, running: Some(running), clock }
    }

    /// Stops the box in good order and starts it again on the same database.
    pub fn restart(&mut self) {
        self.running.take().unwrap().stop();
        self.running = Some(app::start(&self.config, self.clock.clone()).unwrap());
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// A client without credentials.
    pub fn client(&self) -> Client {
        Client::new(self.running().addresses[0])
    }

    /// A client that is the first administrator by HTTP Basic.
    pub fn admin(&self) -> Client {
        self.client().basic("admin", ADMIN_PASSWORD)
    }

    pub fn database(&self) -> PathBuf {
        self.config.database.path.clone()
    }

    /// Runs a query on the database itself and returns the first column of every row as text.
    pub fn query(&self, sql: &str) -> Vec<String> {
        first_column(&rusqlite::Connection::open(self.database()).unwrap(), sql)
    }
}

/// Runs a query and returns the first column of every row as text.
pub fn first_column(connection: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    rows.map(|value| match value.unwrap() {
        rusqlite::types::Value::Text(text) => text,
        rusqlite::types::Value::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    })
    .collect()
}

impl Drop for TestBox {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

/// The configuration in this file, on a port that the system chooses and with the database in `data/` beside it.
fn configuration(file: &Path) -> Config {
    let environment = Environment { admin_password: Some(ADMIN_PASSWORD.to_owned()), ..Environment::default() };
    let mut config = config::load(Some(file), &environment).unwrap_or_else(|problems| panic!("{problems}"));
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.database.path = file.with_file_name("data").join("orgbox.db");
    // Hundreds of boxes: what each of them would set aside is synced to the disk.
    config.database.ballast_bytes = 0;
    config
}

/// The database as a first start leaves it, made once. The administrator's password is hashed anew with the least work:
/// hashing it as the box does, and checking it, takes longer than most tests.
fn set_up() -> &'static [u8] {
    static DATABASE: OnceLock<Vec<u8>> = OnceLock::new();
    DATABASE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config.toml");
        fs::write(&file, "version = 1\n").unwrap();
        let config = configuration(&file);
        app::start(&config, Clock::manual(NOON_MS)).unwrap().stop();
        let least = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None).unwrap();
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, least);
        let hash = hasher.hash_password(ADMIN_PASSWORD.as_bytes()).unwrap().to_string();
        let connection = rusqlite::Connection::open(&config.database.path).unwrap();
        connection.execute("UPDATE users SET password_hash = ?1 WHERE id = 1", [hash]).unwrap();
        connection.close().unwrap();
        fs::read(&config.database.path).unwrap()
    })
}
