//! The machine: its clock, its memory, and the kernel's bounds on files and watches.

use std::{fs, path::Path, time::UNIX_EPOCH};

use super::finding::Finding;
use crate::config::Config;

/// 2026-01-01: no orgbox is older.
const EARLIEST_MS: i64 = 1_767_225_600_000;
/// A clock may be set back by so much without anybody minding.
const SET_BACK_MS_MAX: i64 = 5 * 60 * 1000;
/// Descriptors that the box needs beside its connections.
const DESCRIPTORS_ASIDE: u64 = 128;
const MEMORY_KIB_MIN: u64 = 64 << 10;
const SET_CLOCK: &str = "Set it: `timedatectl set-ntp true`, or give the machine a time server of the site, and see whether its battery is empty.";

/// The clock, held against this program's age and the newest moment in the database.
pub(super) fn clock(now_ms: i64, newest_ms: Option<i64>) -> Finding {
    let built_ms = built_ms().max(EARLIEST_MS);
    let moment = |ms: i64| jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string());
    if now_ms < built_ms {
        return Finding::bad("clock", format!("it says {}, before this program was made", moment(now_ms)), SET_CLOCK);
    }
    match newest_ms.filter(|newest_ms| *newest_ms > now_ms + SET_BACK_MS_MAX) {
        Some(newest_ms) => {
            let says = format!("it says {}, and the database has changes of {}", moment(now_ms), moment(newest_ms));
            Finding::bad("clock", says, SET_CLOCK)
        }
        None => Finding::well("clock", moment(now_ms / 1000 * 1000)),
    }
}

/// When this program's file was made, as its package says; 0 where nobody knows.
fn built_ms() -> i64 {
    let made = std::env::current_exe().and_then(|path| path.metadata()).and_then(|file| file.modified());
    let made = made.ok().and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    made.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default()
}

/// What is left of the memory.
pub(super) fn memory() -> Option<Finding> {
    let told = fs::read_to_string("/proc/meminfo").ok()?;
    let kib = |name: &str| {
        told.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok())
    };
    let (all, left) = (kib("MemTotal:")?, kib("MemAvailable:")?);
    let says = format!("{} MiB of {} MiB left", left >> 10, all >> 10);
    Some(if left >= MEMORY_KIB_MIN.min(all / 10) {
        Finding::well("memory", says)
    } else {
        Finding::warning(
            "memory",
            says,
            "See what takes it (`ps aux --sort -rss | head`); orgbox itself takes a few hundred MiB at most.",
        )
    })
}

/// The bound of open files of the box's process, or of this one where none runs, against the connections it allows.
pub(super) fn descriptors(config: &Config, pid: Option<u64>) -> Option<Finding> {
    let process = pid.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
    let Ok(limits) = fs::read_to_string(format!("/proc/{process}/limits")) else {
        return Some(Finding::skipped(
            "descriptors",
            "the bound of the box's process may be seen by root and its user only",
        ));
    };
    let bound = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next())?;
    let wanted = u64::from(config.limits.max_connections) + DESCRIPTORS_ASIDE;
    let whose = if pid.is_some() { "the box may open" } else { "from here a box may open" };
    Some(judge_descriptors(whose, bound, wanted))
}

fn judge_descriptors(whose: &str, bound: &str, wanted: u64) -> Finding {
    let says = format!("{whose} {bound} files, and its connections want {wanted}");
    match bound.parse::<u64>() {
        Ok(bound) if bound < wanted => Finding::warning(
            "descriptors",
            says,
            format!(
                "Set LimitNOFILE={wanted} in the unit (`systemctl edit orgbox`), or lower [limits] max_connections."
            ),
        ),
        _ => Finding::well("descriptors", says),
    }
}

/// Whether the kernel can still tell of changed files.
pub(super) fn watches() -> Option<Finding> {
    let bound = |name: &str| {
        let text = fs::read_to_string(Path::new("/proc/sys/fs/inotify").join(name)).ok()?;
        text.trim().parse::<usize>().ok()
    };
    let (instances, watches) = (bound("max_user_instances")?, bound("max_user_watches")?);
    let used = used_instances();
    let says = format!("{used} of {instances} inotify instances in use, {watches} watches allowed");
    Some(if used + 8 <= instances && watches >= 128 {
        Finding::well("inotify", says)
    } else {
        Finding::warning(
            "inotify",
            says,
            "Set fs.inotify.max_user_instances=512 and fs.inotify.max_user_watches=65536 in /etc/sysctl.d; until then the box finds changed files by polling, within twelve seconds.",
        )
    })
}

/// Of the processes that may be looked at.
fn used_instances() -> usize {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let descriptors = processes.filter_map(|process| fs::read_dir(process.path().join("fd")).ok()).flatten().flatten();
    let targets = descriptors.filter_map(|descriptor| fs::read_link(descriptor.path()).ok());
    targets.filter(|target| target.as_os_str() == "anon_inode:inotify").count()
}

#[cfg(test)]
mod tests {
    use super::{EARLIEST_MS, clock, judge_descriptors};

    #[test]
    fn a_clock_of_1970_and_one_that_was_set_back_are_findings() {
        assert!(clock(1000, None).needs_somebody());
        assert!(clock(EARLIEST_MS - 1, None).needs_somebody());
        let far = EARLIEST_MS * 2;
        assert!(!clock(far, Some(far + 1000)).needs_somebody());
        assert!(clock(far, Some(far + 3_600_000)).needs_somebody());
    }

    #[test]
    fn fewer_files_than_connections_are_a_finding() {
        assert!(judge_descriptors("", "1024", 16_512).needs_somebody());
        assert!(!judge_descriptors("", "65536", 16_512).needs_somebody());
        assert!(!judge_descriptors("", "unlimited", 16_512).needs_somebody());
    }
}
