//! What the kernel tells of this process. What it does not tell is left out.

use std::fs;

/// Ticks a second of the times in `/proc`, on every Linux.
const TICKS: f64 = 100.0;

/// The process at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Process {
    /// Processor time used, in seconds.
    pub cpu_seconds: Option<f64>,
    /// Descriptors open.
    pub open_fds: Option<usize>,
    /// Descriptors that may be open.
    pub max_fds: Option<u64>,
    /// Address space.
    pub virtual_bytes: Option<u64>,
    /// Memory held.
    pub resident_bytes: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
}

impl Process {
    /// Asks the kernel. Takes longer the more descriptors are open.
    pub fn now() -> Self {
        let read = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
        let (stat, status, limits) = (read("stat"), read("status"), read("limits"));
        let row = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        let kib = |name: &str| row(name)?.parse::<u64>().ok().map(|kib| kib * 1024);
        Self {
            cpu_seconds: cpu_seconds(&stat),
            open_fds: fs::read_dir("/proc/self/fd").ok().map(Iterator::count),
            max_fds: max_fds(&limits),
            virtual_bytes: kib("VmSize:"),
            resident_bytes: kib("VmRSS:"),
            threads: row("Threads:").and_then(|threads| threads.parse().ok()),
        }
    }
}

/// User and system time. The name of the process comes before them and may hold anything but ends with the last bracket.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) as f64 / TICKS)
}

/// The limit in force. None at all is told as none.
fn max_fds(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Process, cpu_seconds};

    #[test]
    fn the_name_of_a_process_is_not_taken_for_a_field() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 9 0 100 1 1";
        assert_eq!(cpu_seconds(stat), Some(3.0));
    }

    #[test]
    fn the_kernel_tells_everything_of_this_one() {
        let process = Process::now();
        assert!(process.cpu_seconds.is_some() && process.max_fds > Some(2) && process.threads > Some(0), "{process:?}");
        assert!(
            process.resident_bytes > Some(1 << 20) && process.virtual_bytes > process.resident_bytes,
            "{process:?}"
        );
        assert!(process.open_fds > Some(2), "{process:?}");
    }
}
