//! What this process has used, as the kernel accounts it.

use std::fs;

/// CPU time of every thread whose name the load generator does not bear, in nanoseconds.
pub fn servers_ns() -> u64 {
    let mut total = 0;
    for entry in fs::read_dir("/proc/self/task").unwrap().flatten() {
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        if name.trim() == super::load::THREAD {
            continue;
        }
        // schedstat: time on the CPU in nanoseconds, time waiting, slices.
        let schedstat = fs::read_to_string(entry.path().join("schedstat")).unwrap_or_default();
        total += schedstat.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
    }
    total
}

/// Resident memory of the process.
pub fn resident_mib() -> f64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096.0 / 1_048_576.0
}
