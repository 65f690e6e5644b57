//! The collector: the reference receiver of what boxes push upstream. It verifies, deduplicates, keeps the newest state of
//! every subject for each site, notices what is missing and asks for it, and shows all of it over HTTP.
//!
//! It is the other side: of the box it names nothing but the signature that both must agree on, and the clock. It has its
//! own file (`ledger`, the only part that names rusqlite) and its own small server (`server`, the only part that names
//! actix_web). `batch` and `event` read what came, `take` decides what it means, `desk` is what the server and a test talk
//! to, `answers` is what is shown.

mod answers;
mod batch;
mod desk;
mod digest;
mod event;
mod import;
mod ledger;
mod refusal;
mod server;
mod take;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use uuid::Uuid;

use crate::{clock::Clock, upstream::sign::SigningKey};
use desk::Desk;

pub use batch::{BODY_BYTES_MAX, EVENTS_MAX, Link, first_link, next_link};
pub use desk::{Seen, TIMESTAMP_TOLERANCE_MS};
pub use digest::Sums;
pub use event::Kind;
pub use import::{FILE_BYTES_MAX, ImportError, Imported, import};
pub use ledger::{
    OpenError,
    history::EVENTS_MAX as HISTORY_EVENTS_MAX,
    sites::Tally,
    views::{EpochView, EventFilter, EventView, SiteView, SubjectView},
};
pub use refusal::Refusal;
pub use take::{RESYNC_PATIENCE_MS, Taken};

/// Is told of every batch that names its site, after its commit or its refusal, in this order. It must not block, nor ask
/// the collector anything.
pub type Observer = Box<dyn Fn(&Seen) + Send + Sync>;

/// What a collector needs to start.
pub struct Options {
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Its file; made where it is missing.
    pub database: PathBuf,
    /// By which signatures are judged and everything is stamped.
    pub clock: Clock,
    /// What `Authorization: Bearer` must carry, of senders and of readers.
    pub token: Option<String>,
    /// With which every batch must be signed.
    pub signing_key: Option<SigningKey>,
    /// Hears of every batch.
    pub observer: Option<Observer>,
}

/// Why a collector does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Anybody could send and read.
    #[error("{0} is not a loopback address: listen on 127.0.0.1, or give --token-file and --signing-secret-file")]
    Open(SocketAddr),
    /// The database could not be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}: choose another with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A collector that runs. It can be asked directly for what it shows over HTTP.
pub struct Running {
    /// Where it listens, with the real port.
    pub address: SocketAddr,
    server: server::Server,
    desk: Arc<Desk>,
}

/// Starts a collector.
pub fn start(options: Options) -> Result<Running, StartError> {
    let Options { listen, database, clock, token, signing_key, observer } = options;
    if !listen.ip().is_loopback() && (token.is_none() || signing_key.is_none()) {
        return Err(StartError::Open(listen));
    }
    let ledger = ledger::Ledger::open(&database)?;
    let desk = Arc::new(Desk::new(ledger, clock, token, signing_key, observer));
    let failed = |source| StartError::Listen { address: listen, source };
    let server = server::Server::start(listen, &desk).map_err(failed)?;
    tracing::info!(address = %server.address, database = %database.display(), "collecting");
    Ok(Running { address: server.address, server, desk })
}

impl Running {
    /// Answers what is under way and ends. The file can be opened again when this returns.
    pub fn stop(self) {
        self.server.stop();
        self.desk.close();
    }

    /// All sites, in the order of their names.
    pub fn sites(&self) -> Result<Vec<SiteView>, Refusal> {
        self.desk.sites("", i64::MAX)
    }

    /// A site; `None` where it has never sent.
    pub fn site(&self, site: Uuid) -> Result<Option<SiteView>, Refusal> {
        let site = site.to_string();
        Ok(self.sites()?.into_iter().find(|view| view.uuid == site))
    }

    /// All live subjects of a site, in the order of their names; none where it has never sent.
    pub fn subjects(&self, site: Uuid, kind: Kind) -> Result<Vec<SubjectView>, Refusal> {
        Ok(self.desk.subjects(&site.to_string(), kind, "", i64::MAX)?.unwrap_or_default())
    }

    /// The events that the history holds, the newest first.
    pub fn events(&self, filter: &EventFilter) -> Result<Vec<EventView>, Refusal> {
        self.desk.events(filter, i64::MAX)
    }
}
