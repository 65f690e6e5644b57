//! The composition root: the order in which things start, and the reverse order in which they stop.

mod condition;
mod damage;
mod descriptors;
mod error;
mod last_good;
mod local_socket;
pub mod restoring;
mod settings;
pub mod visit;

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use actix_web::{dev::ServerHandle, rt::System};
use tokio::{
    runtime::Runtime,
    signal::unix::{Signal, SignalKind, signal},
};

pub use crate::store::{
    Disk, OpenError, disk,
    inspect::{Inspection, inspect, people},
};
use crate::{
    api::{
        bridge::{Handles, Shared},
        feed::Feed,
        server::{self, Doors},
    },
    backup::{Backups, Keeper},
    clock::Clock,
    config::Config,
    log,
    model::Fault,
    ops::{password, random, setup},
    overrides,
    pulse::Pulses,
    store::{self, Store, open, room},
    tls, upstream,
};
pub use error::StartError;
pub use last_good::configuration as last_good;
use local_socket::SocketFile;

/// A box that runs.
pub struct Running {
    /// Where it listens; the ports are the real ones where port 0 was asked for.
    pub addresses: Vec<SocketAddr>,
    /// Where it listens without TLS beside that.
    pub plain_addresses: Vec<SocketAddr>,
    /// The first administrator's password, where this start has made one; to be shown once.
    pub first_password: Option<String>,
    server: ServerHandle,
    http: JoinHandle<std::io::Result<()>>,
    overrides: overrides::Watched,
    keeper: Keeper,
    backups: Backups,
    upstream: Option<upstream::run::Running>,
    tls: tls::Watched,
    link: upstream::handle::Handle,
    store: Arc<Store>,
    socket: Option<SocketFile>,
    // Answers under way are waited for.
    waits: bool,
    feed: Arc<Feed>,
    pulses: Arc<Pulses>,
    // Held as long as the box runs: a second one on the same database is refused.
    _lock: File,
}

/// SIGTERM, SIGINT and SIGHUP, caught.
pub struct Signals {
    runtime: Runtime,
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

/// What the process has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// To end.
    Stop,
    /// To read its configuration again.
    Reload,
}

/// Starts a box: database, listeners, first start with configured brandings and groups, watched files, HTTP.
pub fn start(config: &Config, clock: Clock) -> Result<Running, StartError> {
    start_on(config, clock, Vec::new())
}

/// As [`start`], on sockets that somebody has opened for this process; then what the configuration says of listening does
/// not matter. Without any, as [`start`].
pub fn start_on(config: &Config, clock: Clock, passed: Vec<TcpListener>) -> Result<Running, StartError> {
    let path = &config.database.path;
    // Before anything of the database is touched: opening it may bring an older schema up to date.
    let mut lock = lock(path)?;
    restoring::finish(path)?;
    damage::refuse_if_gone(config, &lock)?;
    let store = open_store(config, &clock)?;
    damage::tell(config, &store);
    let certificate = settings::tls(config)?;
    let listeners = match passed.is_empty() {
        true => config.server.listen.iter().map(|address| listen(*address)).collect::<Result<Vec<_>, _>>()?,
        false => passed,
    };
    let plain = settings::plain(config).map(listen).collect::<Result<Vec<_>, _>>()?;
    let (addresses, plain_addresses) = (addresses(&listeners), addresses(&plain));
    let upstream = upstream::handle::Handle::new(settings::upstream(config), clock.now_ms());
    live(config, &upstream);
    let overrides = overrides::prepare(config, &store, &clock, {
        let upstream = upstream.clone();
        move |config| live(config, &upstream)
    })?;
    let failed = |source| StartError::System { what: "the certificate", source };
    let tls = tls::start(certificate, &clock).map_err(failed)?;
    let acceptor = tls.acceptor().map_err(failed)?;
    let backups = backups(config, &store, &clock)?;
    let link = upstream.clone();
    let handles = Handles {
        overrides: overrides.handle(),
        upstream: upstream.clone(),
        tls: tls.handle(),
        backups: backups.clone(),
    };
    let shared = Shared::new(Arc::clone(&store), clock.clone(), settings::of(config), handles, random::bytes()?)?;
    let shared = Arc::new(shared);
    // As late as can be: a password that was made up must not be lost to a start that fails for another reason.
    let first_password = if is_damaged(&store) { None } else { set_up(&store, config)? };
    damage::remember(&mut lock, &store)?;
    let overrides = overrides.start();
    let overrides = overrides.map_err(|source| StartError::System { what: "the watched files", source })?;
    let ground = upstream::run::Ground { store: Arc::clone(&store), database: path.clone(), clock, dice: random::unit };
    shared.pulses().add(upstream.pulse());
    let upstream = upstream::run::start(upstream, ground);
    let upstream = upstream.map_err(|source| StartError::System { what: "the thread of the upstream", source })?;
    let (local, socket) = config.socket().map(|path| local_socket::listen(&path)).transpose()?.unzip();
    let (feed, pulses) = (Arc::clone(shared.feed()), Arc::clone(shared.pulses()));
    pulses.add(store.pulse());
    let doors = Doors { listeners, tls: acceptor, plain, local, workers: server::workers() };
    let (server, http) = spawn_http(shared, doors)?;
    let keeper = Keeper::start(&backups).map_err(|source| StartError::System { what: "the backups", source })?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), database = %path.display(), ?addresses, "started");
    Ok(Running {
        addresses,
        plain_addresses,
        first_password,
        server,
        http,
        overrides,
        keeper,
        backups,
        upstream: Some(upstream),
        tls,
        link,
        store,
        feed,
        pulses,
        socket,
        waits: true,
        _lock: lock,
    })
}

/// Starts a box for the time of one command: the same routes, on nothing but a local socket that nobody else can open. It
/// makes no database: a path that was mistyped must not become a second box. Files are not watched: what was in force when
/// the box stopped stays so, and a command cannot change it by the way.
pub fn start_alone(config: &Config, clock: Clock) -> Result<Running, StartError> {
    let path = &config.database.path;
    let missing = || StartError::NoDatabase { path: path.clone() };
    // What cannot be asked about is opened all the same: opening says best what is wrong.
    let absent = || path.metadata().map_or_else(|error| error.kind() == ErrorKind::NotFound, |file| file.len() == 0);
    if absent() && !damage::lock_path(path).exists() {
        return Err(missing());
    }
    let lock = lock(path)?;
    restoring::finish(path)?;
    damage::refuse_if_gone(config, &lock)?;
    if absent() {
        return Err(missing());
    }
    let store = open_store(config, &clock)?;
    if store.reader()?.read(setup::is_new)? {
        return Err(missing());
    }
    let overrides = overrides::at_rest(config);
    // What is missing for a box is nothing to a command.
    let tls = tls::at_rest(settings::tls(config).unwrap_or_default(), &clock);
    let upstream = upstream::handle::Handle::at_rest(settings::upstream(config), clock.now_ms());
    let backups = backups(config, &store, &clock)?;
    let handles = Handles {
        overrides: overrides.handle(),
        upstream: upstream.clone(),
        tls: tls.handle(),
        backups: backups.clone(),
    };
    let shared = Shared::new(Arc::clone(&store), clock, settings::of(config), handles, random::bytes()?)?;
    let shared = Arc::new(shared);
    let (feed, pulses) = (Arc::clone(shared.feed()), Arc::clone(shared.pulses()));
    pulses.add(store.pulse());
    let (local, socket) = local_socket::listen_privately()?;
    let doors = Doors { listeners: Vec::new(), tls: None, plain: Vec::new(), local: Some(local), workers: 1 };
    let (server, http) = spawn_http(shared, doors)?;
    let keeper = Keeper::none(&backups);
    Ok(Running {
        addresses: Vec::new(),
        plain_addresses: Vec::new(),
        first_password: None,
        server,
        http,
        overrides,
        keeper,
        backups,
        upstream: None,
        tls,
        link: upstream,
        store,
        feed,
        pulses,
        socket: Some(socket),
        waits: false,
        _lock: lock,
    })
}

impl Running {
    /// Takes no more connections, answers what is under way, commits what is queued, and ends.
    pub fn stop(self) {
        tracing::info!("stopping");
        // A server that stops waits for the answers under way, and these would wait for events.
        self.feed.stop();
        self.keeper.stop();
        // Only the request to stop is sent here; the thread ends when the server has.
        drop(self.server.stop(self.waits));
        // While these are answered: both have seconds to end in, and together would have too many.
        if let Some(upstream) = self.upstream {
            upstream.stop();
        }
        match self.http.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the HTTP server ended with an error"),
            Err(_) => tracing::error!("the HTTP server ended in a panic"),
        }
        self.tls.stop();
        self.overrides.stop();
        self.store.stop();
        tracing::info!("stopped");
    }

    /// The watched files: how they stand, and how to have them read again.
    pub fn overrides(&self) -> overrides::Handle {
        self.overrides.handle()
    }

    /// The certificate: how it stands, and how to have it read again.
    pub fn tls(&self) -> tls::Handle {
        self.tls.handle()
    }

    /// The backups: for tests that make the clock go on.
    pub fn backups(&self) -> &Backups {
        &self.backups
    }

    /// Where its local socket is, where it has one.
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_ref().map(|socket| socket.path.as_path())
    }

    /// Those who wait for events, for tests that must know that somebody does.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The store, for benchmarks and tests that look at what was written.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl Signals {
    /// Catches them from now on. To be asked for before anything starts, so that none is lost.
    pub fn catch() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let entered = runtime.enter();
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let hangup = signal(SignalKind::hangup())?;
        drop(entered);
        Ok(Self { runtime, hangup, terminate, interrupt })
    }

    /// Waits for the next; returns at once where one has come since.
    pub fn wait(&mut self) -> Told {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                _ = self.terminate.recv() => Told::Stop,
                _ = self.interrupt.recv() => Told::Stop,
                _ = self.hangup.recv() => Told::Reload,
            }
        })
    }
}

/// The OpenAPI document of the box, as text for people.
pub fn openapi() -> String {
    format!("{:#}", crate::api::openapi::document())
}

/// The versions of what a database depends on: that of SQLite, and the newest schema known.
pub fn versions() -> (&'static str, usize) {
    store::versions()
}

/// Makes the first administrator and brings in the configuration's brandings and groups. Returns a password that was
/// made up on the way.
fn set_up(store: &Store, config: &Config) -> Result<Option<String>, StartError> {
    let (first_hash, made_up) = first_password(store, config)?;
    let brandings: Vec<_> = config.brandings.iter().map(settings::branding).collect();
    let igrps: Vec<_> = config.igrps.iter().map(settings::igrp).collect();
    // Both or neither, so that a configuration that is refused leaves the next start a first one.
    // A box whose disk is full starts all the same, and answers what it can.
    let warnings = store.housekeeping(move |write| {
        if let Some(hash) = first_hash {
            setup::first_start(write, hash)?;
        }
        setup::apply_configuration(write, &brandings, &igrps)
    })?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok(made_up)
}

/// The hash of the first administrator's password, and the password itself where it was made up; neither on a box that
/// is set up already.
fn first_password(store: &Store, config: &Config) -> Result<(Option<String>, Option<String>), StartError> {
    if !store.reader()?.read(setup::is_new)? {
        return Ok((None, None));
    }
    let (password, made_up) = match &config.admin_password {
        Some(given) => (given.expose().to_owned(), None),
        None => {
            let password = password::generate()?;
            (password.clone(), Some(password))
        }
    };
    Ok((Some(password::hash(&password)?), made_up))
}

/// Opens the database; one that is damaged is told of with the way out.
fn open_store(config: &Config, clock: &Clock) -> Result<Arc<Store>, StartError> {
    let store = Store::open(&config.database.path, clock.clone(), settings::store(config));
    store.map(Arc::new).map_err(|error| damage::explain(config, error))
}

fn backups(config: &Config, store: &Arc<Store>, clock: &Clock) -> Result<Backups, StartError> {
    let dice = f64::from(u32::from_be_bytes(random::bytes()?)) / f64::from(u32::MAX);
    let (database, settings) = (config.database.path.clone(), settings::backup(config));
    Ok(Backups::new(store, database, settings, clock.clone(), dice))
}

fn is_damaged(store: &Store) -> bool {
    store.health().is_some_and(|health| health.fault == Fault::Corrupt)
}

fn lock(database: &Path) -> Result<File, StartError> {
    let path = damage::lock_path(database);
    let failed = |source| StartError::Open(open::io_error(database, &source));
    open::make_folder(database).map_err(failed)?;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed)?;
    // The user that serves must be able to lock what a command of root's has locked first.
    room::leave_to_owner(database, &path);
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse { path: database.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|source| StartError::Listen { address, source })
}

/// The real addresses, where port 0 was asked for.
fn addresses(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
}

fn spawn_http(
    shared: Arc<Shared>,
    doors: Doors,
) -> Result<(ServerHandle, JoinHandle<std::io::Result<()>>), StartError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let run = move || {
        System::new().block_on(async move {
            let server = server::server(&shared, doors)?;
            // The receiver waits for exactly this.
            drop(sender.send(server.handle()));
            server.await
        })
    };
    let failed = |source| StartError::System { what: "the HTTP server", source };
    let http = std::thread::Builder::new().name("http".to_owned()).spawn(run).map_err(failed)?;
    match receiver.recv() {
        Ok(handle) => Ok((handle, http)),
        Err(_) => {
            let ended = http.join().unwrap_or_else(|_| Err(std::io::Error::other("it panicked")));
            Err(failed(ended.err().unwrap_or_else(|| std::io::Error::other("it ended at once"))))
        }
    }
}

/// Puts into force what can be while the box runs: the keys that [`crate::config::LIVE_KEYS`] names.
fn live(config: &Config, upstream: &upstream::handle::Handle) {
    log::set_level(&config.log.level);
    upstream.configure(settings::upstream(config));
}
