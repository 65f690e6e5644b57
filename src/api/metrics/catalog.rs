//! Every metric that the box exports: name, kind, unit and meaning. `packaging/prometheus/metrics.md` is the same table
//! for people, and a test compares the two.

use Kind::{Counter, Gauge, Histogram};

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name; that of a counter ends in `_total`.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What it is counted in.
    pub unit: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it means: a sentence or two.
    pub help: &'static str,
}

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Rises, and begins at 0 at every start.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values by range.
    Histogram,
}

impl Kind {
    /// As the format names it.
    pub fn name(self) -> &'static str {
        match self {
            Counter => "counter",
            Gauge => "gauge",
            Histogram => "histogram",
        }
    }
}

macro_rules! metrics {
    ($($constant:ident = $kind:ident $name:literal in $unit:literal by [$($label:literal),*]: $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $constant: Metric =
                Metric { name: $name, kind: $kind, unit: $unit, labels: &[$($label),*], help: $help };
        )*
        /// All of them, in the order in which they are exported.
        pub const ALL: &[Metric] = &[$($constant),*];
    };
}

metrics! {
    BUILD_INFO = Gauge "orgbox_build_info" in "1" by ["version", "sqlite", "schema"]:
        "Always 1; the labels name the versions of orgbox, SQLite and the database's schema.";
    READY = Gauge "orgbox_ready" in "0 or 1" by []:
        "1 while the box can read and write, as /readyz tells.";
    FAULT = Gauge "orgbox_fault" in "0 or 1" by ["fault"]:
        "1 for the fault that keeps the box from reading or writing; 0 for every other one.";
    REMARK = Gauge "orgbox_remark" in "0 or 1" by ["remark"]:
        "1 for what somebody should see to though the box does all of its work; 0 for everything else.";
    CONNECTIONS = Gauge "orgbox_connections" in "connections" by ["door"]:
        "Connections open now: `network` for everybody, `local` at the local socket.";
    CONNECTIONS_MAX = Gauge "orgbox_connections_max" in "connections" by []:
        "Connections that may be open at once; further ones wait.";
    FOLLOWERS = Gauge "orgbox_feed_followers" in "requests" by []:
        "Requests that wait for changes now, polls and streams together.";
    REQUESTS = Counter "orgbox_http_requests_total" in "requests" by ["dialect", "route", "method", "status"]:
        "Requests answered. What is no route is `unmatched`, an unusual method or status `other`.";
    REQUEST_DURATION = Histogram "orgbox_http_request_duration_seconds" in "seconds" by ["dialect", "route", "method"]:
        "Time from the head of a request to the head of its answer, the body of the request included.";
    WRITER_COMMITS = Counter "orgbox_writer_commits_total" in "transactions" by []:
        "Transactions committed and on disk.";
    WRITER_JOBS = Counter "orgbox_writer_jobs_total" in "changes" by ["outcome"]:
        "Changes handed to the writer: `committed`; `undone`, refused by a rule or only tried; `failed` with the disk; `turned_away`, too many waited.";
    WRITER_QUEUE = Gauge "orgbox_writer_queue_jobs" in "changes" by []:
        "Changes that wait for the writer now.";
    WRITER_BATCH = Histogram "orgbox_writer_batch_jobs" in "changes" by []:
        "Changes that shared a transaction.";
    WRITER_WAIT = Histogram "orgbox_writer_queue_wait_seconds" in "seconds" by []:
        "Time that a change waited before it was run.";
    WRITER_COMMIT = Histogram "orgbox_writer_commit_duration_seconds" in "seconds" by []:
        "Time from the begin of a transaction until it was on disk.";
    DATABASE_SIZE = Gauge "orgbox_database_size_bytes" in "bytes" by []:
        "Size of the database file.";
    DATABASE_WAL = Gauge "orgbox_database_wal_bytes" in "bytes" by []:
        "Size of the write-ahead log, which is not yet written back to the database file.";
    DATABASE_FREE = Gauge "orgbox_database_freelist_bytes" in "bytes" by []:
        "Room within the database file that holds nothing and is used again.";
    BALLAST = Gauge "orgbox_database_ballast_bytes" in "bytes" by []:
        "Room that is kept taken, to be given up on a full disk; 0 while it is given up.";
    DISK_FREE = Gauge "orgbox_database_disk_free_bytes" in "bytes" by []:
        "Room left for the box on the file system of the database.";
    DISK_SIZE = Gauge "orgbox_database_disk_size_bytes" in "bytes" by []:
        "Size of the file system of the database.";
    UPSTREAM_STATE = Gauge "orgbox_upstream_state" in "0 or 1" by ["state"]:
        "1 for what the link to the billing system does at present; 0 for every other state.";
    UPSTREAM_SINCE = Gauge "orgbox_upstream_state_since_timestamp_seconds" in "Unix time" by []:
        "Since when the link is in its state.";
    UPSTREAM_FAILURES = Gauge "orgbox_upstream_failures" in "tries" by []:
        "Tries in a row that failed.";
    UPSTREAM_EVENTS = Gauge "orgbox_upstream_queue_events" in "events" by []:
        "Events not yet acknowledged, by their numbers: those that a newer one has replaced are counted too.";
    UPSTREAM_BYTES = Gauge "orgbox_upstream_queue_bytes" in "bytes" by []:
        "Data of the events not yet acknowledged, roughly.";
    UPSTREAM_OLDEST = Gauge "orgbox_upstream_oldest_event_age_seconds" in "seconds" by []:
        "Age of the oldest event not yet acknowledged; 0 where there is none.";
    UPSTREAM_PARKED = Gauge "orgbox_upstream_parked_events" in "events" by []:
        "Events set aside because the receiver refuses them.";
    UPSTREAM_SUCCESS = Gauge "orgbox_upstream_last_success_timestamp_seconds" in "Unix time" by []:
        "When a batch was last acknowledged; absent where none ever was.";
    UPSTREAM_OFFSET = Gauge "orgbox_upstream_clock_offset_seconds" in "seconds" by []:
        "The receiver's clock minus this box's; absent until it has answered.";
    OVERRIDES_STATE = Gauge "orgbox_overrides_state" in "0 or 1" by ["state"]:
        "1 for how the watched configuration files stand; 0 for every other way.";
    OVERRIDES_OK = Gauge "orgbox_overrides_last_reload_successful" in "0 or 1" by []:
        "1 where what the files say is in force, 0 where the last good ones stay.";
    OVERRIDES_READ = Gauge "orgbox_overrides_last_reload_timestamp_seconds" in "Unix time" by []:
        "When the files were last read; absent where they never were.";
    OVERRIDES_GOOD = Gauge "orgbox_overrides_in_force_since_timestamp_seconds" in "Unix time" by []:
        "Since when what is in force is so; absent where nothing is overridden.";
    OVERRIDES_PROBLEMS = Gauge "orgbox_overrides_problems" in "problems" by []:
        "Mistakes found in the files.";
    OVERRIDES_WARNINGS = Gauge "orgbox_overrides_warnings" in "warnings" by []:
        "What is doubtful about the files in force.";
    OVERRIDES_WAITING = Gauge "orgbox_overrides_waiting_for_restart_keys" in "keys" by []:
        "Keys that were changed and take effect at the next start.";
    TLS_STATE = Gauge "orgbox_tls_state" in "0 or 1" by ["state"]:
        "1 for how the certificate stands: `off`, `in_force`, or `refused` where its files cannot be used; 0 for every other way.";
    TLS_BEGINS = Gauge "orgbox_tls_certificate_not_before_timestamp_seconds" in "Unix time" by []:
        "When the certificate that is shown begins; absent where none is shown.";
    TLS_ENDS = Gauge "orgbox_tls_certificate_not_after_timestamp_seconds" in "Unix time" by []:
        "When the certificate that is shown ends; absent where none is shown.";
    BACKUP_FAILED = Gauge "orgbox_backup_last_failed" in "0 or 1" by []:
        "1 where the last try to make a backup failed; 0 where it did not, or there was none since the start.";
    BACKUP_COUNT = Gauge "orgbox_backup_kept_files" in "backups" by []:
        "Backups that are kept on the box.";
    BACKUP_BYTES = Gauge "orgbox_backup_kept_bytes" in "bytes" by []:
        "Size of all of them together.";
    BACKUP_AT = Gauge "orgbox_backup_newest_timestamp_seconds" in "Unix time" by []:
        "When the newest of them was taken; absent where there is none.";
    BACKUP_NEXT = Gauge "orgbox_backup_next_timestamp_seconds" in "Unix time" by []:
        "When the next one is due; absent where they are only made when asked for.";
    PROCESS_CPU = Counter "process_cpu_seconds_total" in "seconds" by []:
        "Processor time that the process has used.";
    PROCESS_FDS = Gauge "process_open_fds" in "descriptors" by []:
        "File descriptors open now.";
    PROCESS_FDS_MAX = Gauge "process_max_fds" in "descriptors" by []:
        "File descriptors that may be open at once.";
    PROCESS_VIRTUAL = Gauge "process_virtual_memory_bytes" in "bytes" by []:
        "Address space of the process.";
    PROCESS_RESIDENT = Gauge "process_resident_memory_bytes" in "bytes" by []:
        "Memory that the process holds.";
    PROCESS_THREADS = Gauge "process_threads" in "threads" by []:
        "Threads of the process.";
    PROCESS_START = Gauge "process_start_time_seconds" in "Unix time" by []:
        "When the box started.";
}
