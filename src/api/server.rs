//! The HTTP server: workers, bounds, routes.

use std::{any::Any, net::TcpListener, os::unix::net::UnixListener, rc::Rc, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Extensions, Server},
    http::Method,
    rt::net::{TcpStream, UnixStream},
    web,
};
use socket2::SockRef;

use super::{
    auth::LocalOperator,
    bridge::{Bridge, Shared},
    console,
    dialect::{self, Endpoint},
    health, infinity, metrics, native,
    openapi::{self, Face},
    surfsight,
    tally::Tally,
    watcher, wotkit,
};
use crate::{
    pulse::{Pulse, Pulses},
    tls::Acceptor,
};

/// Most connections that wait to be accepted.
const BACKLOG: i32 = 1024;
/// Between two signs of life of a worker.
const BEAT: Duration = Duration::from_millis(500);

/// Where a server listens, and how many threads answer.
pub struct Doors {
    /// For everybody: over TLS where there is an acceptor.
    pub listeners: Vec<TcpListener>,
    /// What TLS takes; `None`: the box speaks none.
    pub tls: Option<Acceptor>,
    /// Without TLS in any case.
    pub plain: Vec<TcpListener>,
    /// For the command line.
    pub local: Option<LocalDoor>,
    /// Threads that answer, at least 1.
    pub workers: usize,
}

/// The local socket.
pub struct LocalDoor {
    /// What is listened on.
    pub listener: UnixListener,
    /// Whose processes the box takes for its operator, beside root's.
    pub owner_uid: u32,
}

/// As many threads as the machine has cores, up to 8.
pub fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(8)
}

/// A server behind these doors. It runs when awaited and stops through its handle.
pub fn server(shared: &Arc<Shared>, doors: Doors) -> std::io::Result<Server> {
    let Doors { listeners, tls, plain, local, workers } = doors;
    let limits = shared.settings.limits;
    let owner_uid = local.as_ref().map(|local| local.owner_uid);
    let (shared, counted) = (Arc::clone(shared), Arc::clone(shared));
    let mut server = HttpServer::new(move || {
        beat(shared.pulses());
        // A worker without its own connection answers every call as an internal error; its log has the reason.
        let reader = shared.reader().map_err(|error| tracing::error!(%error, "a worker could not open the database"));
        let bridge = reader.ok().map(|reader| Rc::new(Bridge::new(reader, Arc::clone(&shared))));
        App::new().wrap_fn(dialect::around).configure(move |config| {
            if let Some(bridge) = bridge {
                config.app_data(bridge);
            }
            routes(config);
        })
    })
    .workers(workers)
    .max_connections(limits.max_connections.div_ceil(workers))
    // The framework lets few handshakes run at once, and a worker that has as many takes no other connection either: whoever
    // opens some and says nothing would keep everybody out. A connection takes its place in any case.
    .max_connection_rate(limits.max_connections.div_ceil(workers))
    .tls_handshake_timeout(limits.header_timeout)
    .client_request_timeout(limits.header_timeout)
    .keep_alive(limits.keep_alive)
    .on_connect(move |connection, data| {
        bound_sending(connection, limits.send_timeout);
        recognize(connection, owner_uid, data);
        data.insert(counted.requests.open(connection.is::<UnixStream>()));
    })
    .shutdown_timeout(limits.shutdown_timeout.as_secs())
    .disable_signals();
    for listener in listeners {
        // It listens already, with the fewer that the standard library lets wait: one more connection than that would be
        // dropped, and tried again only after seconds.
        SockRef::from(&listener).listen(BACKLOG)?;
        server = match &tls {
            Some(acceptor) => {
                // Connections have it from their listener; those over TLS are not seen before they are encrypted.
                SockRef::from(&listener).set_tcp_user_timeout(Some(limits.send_timeout))?;
                server.listen_rustls_0_23(listener, acceptor.clone())?
            }
            None => server.listen(listener)?,
        };
    }
    for listener in plain {
        SockRef::from(&listener).listen(BACKLOG)?;
        server = server.listen(listener)?;
    }
    if let Some(local) = local {
        server = server.listen_uds(local.listener)?;
    }
    Ok(server.run())
}

/// Has this worker give signs of life as long as it gets round to its tasks. They end with the worker: the framework puts
/// another in the place of one that is gone.
fn beat(pulses: &Pulses) {
    let pulse = Pulse::new("http");
    pulses.add(&pulse);
    actix_web::rt::spawn(async move {
        let mut timer = actix_web::rt::time::interval(BEAT);
        loop {
            timer.tick().await;
            pulse.beat();
        }
    });
}

/// Marks a connection whose peer is the box's operator: through the local socket, and root's or its owner's process. The
/// kernel says whose it is, as of when it connected.
fn recognize(connection: &dyn Any, owner_uid: Option<u32>, data: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<UnixStream>() else { return };
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == 0 || Some(peer.uid()) == owner_uid => drop(data.insert(LocalOperator)),
        Ok(peer) => tracing::warn!(uid = peer.uid(), "somebody else than the operator opened the local socket"),
        Err(error) => tracing::warn!(%error, "the peer at the local socket is not known"),
    }
}

/// Gives an answer up that its client does not read: the framework itself waits for ever, and keeps the answer in memory.
fn bound_sending(connection: &dyn Any, timeout: Duration) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(timeout)) {
        tracing::warn!(%error, "the time a client has for reading an answer could not be bounded");
    }
}

/// Every dialect.
fn dialects() -> [Face; 5] {
    [watcher::face(), wotkit::face(), infinity::face(), surfsight::face(), native::face()]
}

/// The routes outside of every dialect.
fn plain() -> Vec<Endpoint> {
    [health::endpoints(), metrics::endpoints(), openapi::endpoints(), console::endpoints()]
        .into_iter()
        .flatten()
        .collect()
}

/// All that the document shows: every dialect, and what is outside of them.
pub fn faces() -> Vec<Face> {
    let plain = Face { dialect: &dialect::PLAIN, prefixes: &[""], endpoints: plain, about: health::about };
    dialects().into_iter().chain([plain]).collect()
}

/// Every route of every dialect: dialect, method, path below the dialect's first prefix.
pub fn listing() -> Vec<(&'static str, Method, String)> {
    let routes = dialects().into_iter().flat_map(|face| {
        let Face { dialect, prefixes, endpoints, about: _ } = face;
        endpoints()
            .into_iter()
            .map(move |endpoint| (dialect.name, endpoint.method, format!("{}{}", prefixes[0], endpoint.path)))
    });
    routes.collect()
}

fn routes(config: &mut web::ServiceConfig) {
    config.app_data(Tally::unmatched(dialect::PLAIN.name));
    for endpoint in plain() {
        config.service(dialect::resource(endpoint.path, vec![endpoint]));
    }
    watcher::configure(config);
    wotkit::configure(config);
    infinity::configure(config);
    surfsight::configure(config);
    native::configure(config);
    config.default_service(web::to(dialect::no_route));
}
