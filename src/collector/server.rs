//! The collector's HTTP server: the only part of it that names actix_web and the only asynchronous one. One handler, so that
//! every answer, whatever was asked, has the same shape and the collector's own `Date`.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::{
        Method, StatusCode,
        header::{ALLOW, CACHE_CONTROL, DATE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS},
    },
    rt::System,
    web,
};
use futures_util::StreamExt;
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{
    answers,
    batch::BODY_BYTES_MAX,
    desk::{Desk, MEDIA_TYPE, Mail},
    event::Kind,
    ledger::views::EventFilter,
    refusal::Refusal,
};

/// Threads that serve. The ledger takes one batch at a time anyway.
const WORKERS: usize = 2;
/// Most connections of each.
const CONNECTIONS_MAX: usize = 256;
/// Most bodies that are held at a time.
const BODIES_MAX: usize = 32;
/// Of a body that is refused as many bytes are read and let go before the answer: a sender that is still writing would see
/// its connection broken instead.
const DRAINED_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;
/// Longest wait for a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for a body, its turn included.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest wait for a next request on a connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Longest wait for what is under way when it is told to stop.
const STOP_TIMEOUT_SECONDS: u64 = 5;
/// Rows of a page where none are asked for, and most of them.
const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1000;

/// A server that runs on a thread of its own.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    handle: ServerHandle,
    thread: JoinHandle<std::io::Result<()>>,
}

struct Shared {
    desk: Arc<Desk>,
    bodies: Semaphore,
}

impl Server {
    pub(super) fn start(listen: SocketAddr, desk: &Arc<Desk>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        let address = listener.local_addr()?;
        let shared = web::Data::new(Shared { desk: Arc::clone(desk), bodies: Semaphore::new(BODIES_MAX) });
        let (sender, receiver) = mpsc::sync_channel(1);
        let run = move || {
            System::new().block_on(async move {
                let app = move || App::new().app_data(shared.clone()).default_service(web::to(answer));
                let server = HttpServer::new(app)
                    .workers(WORKERS)
                    .max_connections(CONNECTIONS_MAX)
                    .client_request_timeout(HEAD_TIMEOUT)
                    .keep_alive(KEEP_ALIVE)
                    .shutdown_timeout(STOP_TIMEOUT_SECONDS)
                    .disable_signals()
                    .listen(listener)?
                    .run();
                // The receiver waits for exactly this.
                drop(sender.send(server.handle()));
                server.await
            })
        };
        let thread = std::thread::Builder::new().name("collector".to_owned()).spawn(run)?;
        match receiver.recv() {
            Ok(handle) => Ok(Self { address, handle, thread }),
            Err(_) => Err(match thread.join() {
                Ok(Err(error)) => error,
                _ => std::io::Error::other("the server did not start"),
            }),
        }
    }

    pub(super) fn stop(self) {
        // Only the request to stop is sent here; the thread ends when the server has.
        drop(self.handle.stop(true));
        match self.thread.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the HTTP server ended with an error"),
            Err(_) => tracing::error!("the HTTP server ended in a panic"),
        }
    }
}

/// A question's parameters. Which of them mean something depends on the path; unknown ones are refused.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Query {
    limit: Option<String>,
    cursor: Option<String>,
    site: Option<String>,
    subject: Option<String>,
}

async fn answer(request: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    let mut answer = match route(&request, payload, &shared).await {
        Ok(body) => HttpResponse::Ok().content_type("application/json").body(body),
        Err(refusal) => {
            let (method, path, peer) = (request.method(), request.path(), request.peer_addr());
            tracing::warn!(%method, ?path, ?peer, status = refusal.status(), code = refusal.code(), "refused: {refusal}");
            refused(&refusal)
        }
    };
    let headers = answer.headers_mut();
    // Senders learn the time from it, so it is that of the clock by which their signatures are judged.
    if let Some(date) = date(shared.desk.now_ms()) {
        headers.insert(DATE, date);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

async fn route(request: &HttpRequest, payload: web::Payload, shared: &web::Data<Shared>) -> Result<String, Refusal> {
    let path: Vec<&str> = request.path().trim_matches('/').split('/').collect();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let posts = request.method() == Method::POST;
    let admitted = shared.desk.admit(header(request, "authorization"), header(request, "host"));
    match path[..] {
        ["" | "events"] if posts => post(request, payload, shared, admitted).await,
        ["healthz"] if reads => Ok(r#"{"status":"alive"}"#.to_owned()),
        ["events"] if reads => {
            admitted?;
            events(request, shared).await
        }
        ["sites"] if reads => {
            admitted?;
            sites(request, shared).await
        }
        ["sites", site, list] if reads => {
            admitted?;
            subjects(request, shared, site, list).await
        }
        [""] => Err(Refusal::Method("POST")),
        ["events"] => Err(Refusal::Method("GET, HEAD, POST")),
        ["healthz" | "sites"] | ["sites", _, _] => Err(Refusal::Method("GET, HEAD")),
        _ => Err(Refusal::NotFound),
    }
}

async fn post(
    request: &HttpRequest,
    payload: web::Payload,
    shared: &web::Data<Shared>,
    admitted: Result<(), Refusal>,
) -> Result<String, Refusal> {
    let wrong_type = Refusal::MediaType("the Content-Type must be application/cloudevents-batch+json and nothing more");
    let fits = header(request, "content-type") == Some(MEDIA_TYPE);
    let body = if let Err(refusal) = admitted.and(if fits { Ok(()) } else { Err(wrong_type) }) {
        // What it holds does not matter any more.
        collect(payload, false, shared).await.and(Err(refusal))
    } else {
        collect(payload, true, shared).await
    };
    let headers: BTreeMap<String, String> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let mail = Mail { headers, body: body? };
    Ok(block(shared, move |desk| desk.receive(&mail)).await?.answer)
}

/// Reads a body, or lets it go by.
async fn collect(mut payload: web::Payload, keep: bool, shared: &web::Data<Shared>) -> Result<Vec<u8>, Refusal> {
    let read = async {
        // Closed never.
        let _turn = shared.bodies.acquire().await.map_err(|_| Refusal::Storage)?;
        let (mut body, mut bytes) = (Vec::new(), 0_usize);
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Refusal::Malformed("the body broke off".to_owned()))?;
            bytes = bytes.saturating_add(chunk.len());
            if bytes > DRAINED_BYTES_MAX {
                break;
            }
            if keep && bytes <= BODY_BYTES_MAX {
                body.extend_from_slice(&chunk);
            }
        }
        if bytes > BODY_BYTES_MAX { Err(Refusal::TooLarge("a body has at most 1 MiB")) } else { Ok(body) }
    };
    tokio::time::timeout(BODY_TIMEOUT, read).await.unwrap_or(Err(Refusal::BodyTimeout))
}

async fn sites(request: &HttpRequest, shared: &web::Data<Shared>) -> Result<String, Refusal> {
    let (query, limit, after) = question(request)?;
    only_pages(&query)?;
    block(shared, move |desk| answers::sites(&desk.sites(&after, rows(limit))?, limit)).await
}

async fn subjects(
    request: &HttpRequest,
    shared: &web::Data<Shared>,
    site: &str,
    list: &str,
) -> Result<String, Refusal> {
    let kind = list.strip_suffix('s').and_then(Kind::parse).ok_or(Refusal::NotFound)?;
    let site = uuid::Uuid::try_parse(site).map_err(|_| Refusal::NotFound)?.to_string();
    let (query, limit, after) = question(request)?;
    only_pages(&query)?;
    block(shared, move |desk| {
        let found = desk.subjects(&site, kind, &after, rows(limit))?.ok_or(Refusal::NotFound)?;
        answers::subjects(&found, limit)
    })
    .await
}

async fn events(request: &HttpRequest, shared: &web::Data<Shared>) -> Result<String, Refusal> {
    let (Query { site, subject, cursor, .. }, limit, after) = question(request)?;
    let before = cursor.map(|_| after.parse().map_err(|_| wrong_cursor())).transpose()?;
    let site = site.map(|site| uuid::Uuid::try_parse(&site).map_or(site, |uuid| uuid.to_string()));
    let filter = EventFilter { site, subject, before };
    block(shared, move |desk| answers::events(&desk.events(&filter, rows(limit))?, limit)).await
}

/// The parameters, how many rows are wanted, and after which position; empty for the first page.
fn question(request: &HttpRequest) -> Result<(Query, usize, String), Refusal> {
    let query = web::Query::<Query>::from_query(request.query_string());
    let query = query.map_err(|error| Refusal::Malformed(format!("the query cannot be read: {error}")))?.into_inner();
    let limit = query.limit.as_deref().map_or(Some(LIMIT_DEFAULT), |text| text.parse().ok());
    let limit = limit.filter(|limit| (1..=LIMIT_MAX).contains(limit));
    let limit = limit.ok_or_else(|| Refusal::Malformed("limit must be a whole number from 1 to 1000".to_owned()))?;
    let after = query.cursor.as_deref().map_or(Some(String::new()), answers::position).ok_or_else(wrong_cursor)?;
    Ok((query, limit, after))
}

fn only_pages(query: &Query) -> Result<(), Refusal> {
    if query.site.is_some() || query.subject.is_some() {
        return Err(Refusal::Malformed("only /events can be asked for a site or a subject".to_owned()));
    }
    Ok(())
}

fn wrong_cursor() -> Refusal {
    Refusal::Malformed("cursor must be the `next` of an earlier page of the same list".to_owned())
}

/// One more row than wanted tells whether there is a next page.
fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)
}

/// Works where a thread may wait: for the ledger, and for the disk.
async fn block<T: Send + 'static>(
    shared: &web::Data<Shared>,
    work: impl FnOnce(&Desk) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let desk = Arc::clone(&shared.desk);
    let done = web::block(move || work(&desk)).await;
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "a request could not be worked on");
        Err(Refusal::Storage)
    })
}

fn refused(refusal: &Refusal) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = HttpResponse::build(status);
    let more = match refusal {
        Refusal::Token => Some((WWW_AUTHENTICATE, "Bearer")),
        Refusal::Method(methods) => Some((ALLOW, *methods)),
        Refusal::Storage => Some((RETRY_AFTER, "5")),
        _ => None,
    };
    if let Some(header) = more {
        answer.insert_header(header);
    }
    let title = status.canonical_reason().unwrap_or_default();
    answer.content_type("application/problem+json").body(answers::problem(refusal, title))
}

fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// [RFC 9110]
fn date(now_ms: i64) -> Option<HeaderValue> {
    static PRINTER: DateTimePrinter = DateTimePrinter::new();
    let at = Timestamp::from_millisecond(now_ms).ok()?;
    PRINTER.timestamp_to_rfc9110_string(&at).ok().and_then(|text| HeaderValue::from_str(&text).ok())
}
