//! Counting requests by dialect, route, method and status, without a lock on their way.
//!
//! Each worker has a [`Tally`] for each route of its own, found where the route's other data is; whoever shows the numbers
//! adds them up. What a client sends chooses among what is there and never makes a new name.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

use actix_web::http::Method;

use crate::histogram::{Counted, DURATIONS_US, Histogram};

/// Pairs of method and status that a route tells apart; all further ones are counted as one.
const SERIES_MAX: usize = 24;
/// The methods that have a name of their own here.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// Every other method.
const OTHER: &str = "other";

/// The requests of one route at one worker.
pub struct Tally {
    dialect: &'static str,
    route: String,
    series: [OnceLock<Series>; SERIES_MAX],
    enlisted: AtomicBool,
}

/// What one method and one status came to. A status of 0 stands for all that found no place of their own.
struct Series {
    method: &'static str,
    status: u16,
    took_us: Histogram,
}

/// All requests of the box.
#[derive(Default)]
pub struct Requests {
    tallies: Mutex<Vec<Arc<Tally>>>,
    /// Connections open now: for everybody, and at the local socket.
    connections: [Arc<AtomicUsize>; 2],
}

/// What requests came to that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The dialect's name.
    pub dialect: &'static str,
    /// The route as it was mounted, its parameters in braces.
    pub route: String,
    /// The method.
    pub method: &'static str,
    /// The status.
    pub status: u16,
    /// How long they took, in microseconds, up to the head of the answer.
    pub took_us: Counted,
}

/// An open connection; it is closed when this is dropped.
pub struct OpenConnection(Arc<AtomicUsize>);

impl Tally {
    /// Of this route.
    pub fn new(dialect: &'static str, route: impl Into<String>) -> Arc<Self> {
        let series = std::array::from_fn(|_| OnceLock::new());
        Arc::new(Self { dialect, route: route.into(), series, enlisted: AtomicBool::new(false) })
    }

    /// Of all paths of a dialect that are no route.
    pub fn unmatched(dialect: &'static str) -> Arc<Self> {
        Self::new(dialect, "unmatched")
    }

    /// Counts a request. Two workers never share a tally, so the places are taken by one thread.
    fn note(&self, method: &Method, status: u16, took_us: u64) {
        let method = METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER);
        let (own, rest) = self.series.split_at(SERIES_MAX - 1);
        let place = own.iter().find_map(|place| {
            let series = place.get_or_init(|| Series { method, status, took_us: Histogram::new(DURATIONS_US) });
            (series.method == method && series.status == status).then_some(series)
        });
        let rest =
            || rest[0].get_or_init(|| Series { method: OTHER, status: 0, took_us: Histogram::new(DURATIONS_US) });
        place.unwrap_or_else(rest).took_us.note(took_us);
    }
}

impl Requests {
    /// Counts a request.
    pub fn note(&self, tally: &Arc<Tally>, method: &Method, status: u16, took_us: u64) {
        if !tally.enlisted.swap(true, Relaxed) {
            self.tallies.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(tally));
        }
        tally.note(method, status, took_us);
    }

    /// Everything counted so far, sorted.
    pub fn rows(&self) -> Vec<Row> {
        let tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut rows: Vec<Row> = Vec::new();
        for tally in &tallies {
            for series in tally.series.iter().filter_map(OnceLock::get) {
                let (method, status, took_us) = (series.method, series.status, series.took_us.counted());
                rows.push(Row { dialect: tally.dialect, route: tally.route.clone(), method, status, took_us });
            }
        }
        rows.sort_by(|left, right| left.name().cmp(&right.name()));
        rows.dedup_by(|later, kept| {
            let same = later.name() == kept.name();
            if same {
                kept.took_us.add(&later.took_us);
            }
            same
        });
        rows
    }

    /// Notes a connection that was opened.
    pub fn open(&self, is_local: bool) -> OpenConnection {
        let open = &self.connections[usize::from(is_local)];
        open.fetch_add(1, Relaxed);
        OpenConnection(Arc::clone(open))
    }

    /// Connections open now: for everybody, and at the local socket.
    pub fn connections(&self) -> [usize; 2] {
        self.connections.each_ref().map(|open| open.load(Relaxed))
    }
}

impl Row {
    fn name(&self) -> (&'static str, &str, &'static str, u16) {
        (self.dialect, &self.route, self.method, self.status)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;

    use super::{Requests, SERIES_MAX, Tally};

    #[test]
    fn the_same_route_of_two_workers_is_one_row() {
        let requests = Requests::default();
        let tallies = [Tally::new("native", "/a/{b}"), Tally::new("native", "/a/{b}")];
        for tally in &tallies {
            requests.note(tally, &Method::GET, 200, 30);
        }
        requests.note(&tallies[0], &Method::GET, 404, 70);
        let rows = requests.rows();
        let seen: Vec<_> = rows.iter().map(|row| (row.status, row.took_us.count(), row.took_us.sum)).collect();
        assert_eq!(seen, [(200, 2, 60), (404, 1, 70)]);
    }

    #[test]
    fn what_a_client_sends_makes_no_names_without_end() {
        let requests = Requests::default();
        let tally = Tally::unmatched("box");
        for status in 0..1000 {
            let method = Method::from_bytes(format!("M{status}").as_bytes()).expect("a token");
            requests.note(&tally, &method, 100 + status, 1);
        }
        let rows = requests.rows();
        assert_eq!(rows.len(), SERIES_MAX);
        assert!(rows.iter().all(|row| row.method == "other"));
        assert_eq!(rows.iter().map(|row| row.took_us.count()).sum::<u64>(), 1000);
    }

    #[test]
    fn a_connection_counts_as_long_as_it_is_open() {
        let requests = Requests::default();
        let open = (requests.open(false), requests.open(true));
        assert_eq!(requests.connections(), [1, 1]);
        drop(open.0);
        assert_eq!(requests.connections(), [0, 1]);
    }
}
