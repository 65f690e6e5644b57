//! What each part of the box tells of itself. One function a part; a metric that a part does not know at present is left
//! out.

use super::{catalog as c, process::Process, text::Text};
use crate::{
    api::{bridge::Shared, tally::Row},
    histogram::Counted,
    model::{Fault, Remark, backup, queue::Progress},
    ops::outbox,
    overrides::state::Standing,
    store::{self, Pages, Read},
    tls::state::Standing as Certified,
    upstream::link::State,
};

/// Microseconds in a second.
const US: f64 = 1e6;

/// What is asked of the database, of the kernel and of the disk.
pub struct Found {
    pages: Option<Pages>,
    queue: Option<Queue>,
    process: Process,
    /// How backing up stands, for whoever asked.
    pub backups: Option<backup::Standing>,
}

/// What waits for the billing system.
struct Queue {
    progress: Progress,
    oldest_ms: Option<i64>,
    parked: i64,
}

impl Found {
    /// Asks database and kernel.
    pub fn read(read: &Read<'_>) -> Self {
        let queue = || {
            let progress = outbox::progress(read)?;
            let oldest_ms = store::outbox::first_at_ms(read, progress.acked_seq)?;
            Ok::<_, crate::model::Error>(Queue { parked: store::upstream::parked_since(read, 0)?, progress, oldest_ms })
        };
        Self { pages: store::pages(read).ok(), queue: queue().ok(), process: Process::now(), backups: None }
    }

    /// Asks only the kernel.
    pub fn without_database() -> Self {
        Self { pages: None, queue: None, process: Process::now(), backups: None }
    }
}

/// Everything, in the order of the catalog.
pub fn tell(shared: &Shared, found: &Found) -> String {
    let mut text = Text::default();
    the_box(&mut text, shared);
    requests(&mut text, &shared.requests.rows());
    writer(&mut text, shared);
    database(&mut text, shared, found.pages);
    upstream(&mut text, shared, found.queue.as_ref());
    overrides(&mut text, shared);
    tls(&mut text, shared);
    if let Some(standing) = &found.backups {
        backups(&mut text, standing);
    }
    process(&mut text, shared, &found.process);
    text.finish()
}

fn the_box(text: &mut Text, shared: &Shared) {
    let (sqlite, schema) = shared.versions();
    text.sample(&c::BUILD_INFO, &[env!("CARGO_PKG_VERSION"), sqlite, &schema.to_string()], 1.0);
    let fault = shared.health().map(|health| health.fault);
    text.plain(&c::READY, truth(fault.is_none()));
    text.one_of(&c::FAULT, Fault::ALL.map(Fault::name), fault.map(Fault::name));
    let remarks = shared.remarks();
    for remark in Remark::ALL {
        text.sample(&c::REMARK, &[remark.name()], truth(remarks.contains(&remark)));
    }
    let [network, local] = shared.requests.connections();
    text.sample(&c::CONNECTIONS, &["network"], network as f64);
    text.sample(&c::CONNECTIONS, &["local"], local as f64);
    text.plain(&c::CONNECTIONS_MAX, shared.settings.limits.max_connections as f64);
    text.plain(&c::FOLLOWERS, shared.feed().followers() as f64);
}

fn requests(text: &mut Text, rows: &[Row]) {
    for Row { dialect, route, method, status, took_us } in rows {
        let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
        text.sample(&c::REQUESTS, &[dialect, route, method, &status], took_us.count() as f64);
    }
    // The rows are sorted, so those of one route and method stand together.
    for alike in rows.chunk_by(|left, right| labels(left) == labels(right)) {
        let [first, others @ ..] = alike else { continue };
        let mut took_us: Counted = first.took_us.clone();
        others.iter().for_each(|other| took_us.add(&other.took_us));
        text.histogram(&c::REQUEST_DURATION, &labels(first), &took_us, US);
    }
}

fn labels(row: &Row) -> [&str; 3] {
    [row.dialect, &row.route, row.method]
}

fn writer(text: &mut Text, shared: &Shared) {
    let done = shared.statistics();
    text.plain(&c::WRITER_COMMITS, done.batches as f64);
    let outcomes =
        [("committed", done.jobs), ("undone", done.undone), ("failed", done.failed), ("turned_away", done.turned_away)];
    for (outcome, jobs) in outcomes {
        text.sample(&c::WRITER_JOBS, &[outcome], jobs as f64);
    }
    text.plain(&c::WRITER_QUEUE, done.waiting as f64);
    text.histogram(&c::WRITER_BATCH, &[], &done.batch_jobs, 1.0);
    text.histogram(&c::WRITER_WAIT, &[], &done.wait_us, US);
    text.histogram(&c::WRITER_COMMIT, &[], &done.commit_us, US);
}

fn database(text: &mut Text, shared: &Shared, pages: Option<Pages>) {
    let footprint = shared.footprint();
    text.plain(&c::DATABASE_SIZE, footprint.database_bytes as f64);
    text.plain(&c::DATABASE_WAL, footprint.wal_bytes as f64);
    if let Some(pages) = pages {
        text.plain(&c::DATABASE_FREE, (pages.free * pages.page_bytes) as f64);
    }
    text.plain(&c::BALLAST, footprint.ballast_bytes as f64);
    if let Some(disk) = footprint.disk {
        text.plain(&c::DISK_FREE, disk.free_bytes as f64);
        text.plain(&c::DISK_SIZE, disk.size_bytes as f64);
    }
}

fn upstream(text: &mut Text, shared: &Shared, queue: Option<&Queue>) {
    let link = shared.upstream.link();
    text.one_of(&c::UPSTREAM_STATE, State::ALL.map(State::name), Some(link.state.name()));
    text.plain(&c::UPSTREAM_SINCE, seconds(link.since_ms));
    text.plain(&c::UPSTREAM_FAILURES, f64::from(link.failures));
    if let Some(offset_ms) = link.clock_offset_ms {
        text.plain(&c::UPSTREAM_OFFSET, seconds(offset_ms));
    }
    let Some(Queue { progress, oldest_ms, parked }) = queue else { return };
    let waiting = (progress.last_seq - progress.acked_seq).max(0);
    text.plain(&c::UPSTREAM_EVENTS, waiting as f64);
    text.plain(&c::UPSTREAM_BYTES, progress.queued_bytes.max(0) as f64);
    let age_ms = oldest_ms.map_or(0, |oldest_ms| shared.clock.now_ms() - oldest_ms);
    text.plain(&c::UPSTREAM_OLDEST, seconds(age_ms.max(0)));
    text.plain(&c::UPSTREAM_PARKED, *parked as f64);
    if let Some(at_ms) = progress.last_success_ms {
        text.plain(&c::UPSTREAM_SUCCESS, seconds(at_ms));
    }
}

fn overrides(text: &mut Text, shared: &Shared) {
    use Standing::{Held, InForce, Missing, NoFile, Rejected, Waiting};
    let state = shared.overrides.state();
    let names = [NoFile, InForce, Rejected, Missing, Held, Waiting].map(Standing::name);
    text.one_of(&c::OVERRIDES_STATE, names, Some(state.standing.name()));
    text.plain(&c::OVERRIDES_OK, truth(matches!(state.standing, NoFile | InForce)));
    if let Some(read_ms) = state.read_ms {
        text.plain(&c::OVERRIDES_READ, seconds(read_ms));
    }
    if let Some(in_force_ms) = state.in_force_ms {
        text.plain(&c::OVERRIDES_GOOD, seconds(in_force_ms));
    }
    text.plain(&c::OVERRIDES_PROBLEMS, state.problem_count as f64);
    text.plain(&c::OVERRIDES_WARNINGS, state.warning_count as f64);
    text.plain(&c::OVERRIDES_WAITING, state.waiting_for_restart.len() as f64);
}

fn tls(text: &mut Text, shared: &Shared) {
    let state = shared.tls.state();
    let names = [Certified::Off, Certified::InForce, Certified::Refused].map(Certified::name);
    text.one_of(&c::TLS_STATE, names, Some(state.standing.name()));
    if let Some(certificate) = &state.certificate {
        text.plain(&c::TLS_BEGINS, seconds(certificate.not_before_ms));
        text.plain(&c::TLS_ENDS, seconds(certificate.not_after_ms));
    }
}

fn backups(text: &mut Text, standing: &backup::Standing) {
    let backup::Standing { folder: _, daily_at: _, next_at_ms, backups, failure } = standing;
    text.plain(&c::BACKUP_FAILED, truth(failure.is_some()));
    text.plain(&c::BACKUP_COUNT, backups.len() as f64);
    text.plain(&c::BACKUP_BYTES, backups.iter().map(|backup| backup.bytes).sum::<u64>() as f64);
    if let Some(newest) = backups.first() {
        text.plain(&c::BACKUP_AT, seconds(newest.taken_at_ms));
    }
    if let Some(next_at_ms) = next_at_ms {
        text.plain(&c::BACKUP_NEXT, seconds(*next_at_ms));
    }
}

fn process(text: &mut Text, shared: &Shared, process: &Process) {
    let Process { cpu_seconds, open_fds, max_fds, virtual_bytes, resident_bytes, threads } = *process;
    let rows = [
        (&c::PROCESS_CPU, cpu_seconds),
        (&c::PROCESS_FDS, open_fds.map(|count| count as f64)),
        (&c::PROCESS_FDS_MAX, max_fds.map(|count| count as f64)),
        (&c::PROCESS_VIRTUAL, virtual_bytes.map(|bytes| bytes as f64)),
        (&c::PROCESS_RESIDENT, resident_bytes.map(|bytes| bytes as f64)),
        (&c::PROCESS_THREADS, threads.map(|count| count as f64)),
        (&c::PROCESS_START, Some(seconds(shared.started_at_ms()))),
    ];
    for (metric, value) in rows {
        if let Some(value) = value {
            text.plain(metric, value);
        }
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
