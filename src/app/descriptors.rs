//! How many files this process may have open, and so how many connections it can take.
//!
//! A server that takes more than that fails to accept, again and again; one that takes fewer leaves the rest waiting
//! until there is room.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open beside the connections of clients: the database in every thread that reads, the watched files,
/// connections upstream, and what a backup needs.
const RESERVED: u64 = 256;
/// Connections that are taken however few files may be open.
const LEAST: u32 = 16;

/// Raises the number of files that may be open as far as the system lets it, and returns how many connections of the
/// wanted ones that is enough for.
pub(super) fn connections(wanted: u32) -> u32 {
    let files = raise(u64::from(wanted) + RESERVED);
    let bearable = u32::try_from(files.saturating_sub(RESERVED)).unwrap_or(u32::MAX).max(LEAST);
    if bearable < wanted {
        tracing::warn!(
            "[limits] max_connections is {wanted}, but only {files} files may be open (LimitNOFILE=, ulimit -n): \
             {bearable} connections are taken at once, more wait"
        );
    }
    bearable.min(wanted)
}

/// How many files may be open after trying for this many.
fn raise(wanted: u64) -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // None is no limit.
    let Some(current) = current.filter(|current| *current < wanted) else { return current.unwrap_or(u64::MAX) };
    let reachable = maximum.map_or(wanted, |maximum| maximum.min(wanted)).max(current);
    match setrlimit(Resource::Nofile, Rlimit { current: Some(reachable), maximum }) {
        Ok(()) => reachable,
        Err(_) => current,
    }
}
