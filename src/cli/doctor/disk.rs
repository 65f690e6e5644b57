//! The disk of the database: how full it is, and of which kind.

use std::{fs, path::Path};

use super::finding::Finding;
use crate::app;

const PART: &str = "disk";
/// Less room than this is soon none.
const ROOM_BYTES_MIN: u64 = 256 << 20;

/// Looks at the file system of a file that may not be there yet.
pub(super) fn check(database: &Path) -> Vec<Finding> {
    let folder = database.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let kind = folder.canonicalize().ok().and_then(|folder| kind(&mounts, &folder));
    [room(folder), kind.map(|kind| judge(&kind))].into_iter().flatten().collect()
}

fn room(folder: &Path) -> Option<Finding> {
    let disk = app::disk(folder).ok()?;
    let left = format!("{} MiB of {} MiB left", disk.free_bytes >> 20, disk.size_bytes >> 20);
    Some(if disk.free_bytes >= ROOM_BYTES_MIN {
        Finding::well(PART, left)
    } else {
        Finding::bad(
            PART,
            left,
            "Make room: without any, changes are refused. `du -xh / | sort -h | tail` shows what is large.",
        )
    })
}

/// The kind of the file system below a folder, as the kernel's list of mounts has it.
fn kind(mounts: &str, folder: &Path) -> Option<String> {
    let found = mounts.lines().filter_map(|line| {
        let (place, about) = line.split_once(" - ")?;
        // Of two on the same place the later one is seen. Spaces are written in octal.
        let point = place.split(' ').nth(4)?.replace("\\040", " ");
        folder.starts_with(&point).then(|| (point.len(), about.split(' ').next().unwrap_or_default().to_owned()))
    });
    found.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

fn judge(kind: &str) -> Finding {
    let is_share =
        ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "ncpfs", "gfs2", "ocfs2"]
            .contains(&kind)
            || kind.starts_with("fuse.");
    match kind {
        _ if is_share => Finding::bad(
            PART,
            format!("the database is on a network share ({kind})"),
            "Move it to a disk of this machine and name it under [database] path: over a network, locks and flushes are not to be relied on, and the database gets damaged.",
        ),
        "tmpfs" | "ramfs" => Finding::warning(
            PART,
            format!("the database is in memory ({kind})"),
            "Name a file on a disk under [database] path: this one is gone when the machine is restarted.",
        ),
        _ => Finding::well(PART, format!("a local file system ({kind})")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{judge, kind};

    const MOUNTS: &str = "1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n\
                          2 1 0:9 / /srv rw - nfs4 nas:/x rw\n\
                          3 2 0:9 / /srv/my\\040box rw shared:2 - xfs /dev/sdb rw\n";

    #[test]
    fn the_nearest_mount_tells_the_kind() {
        let of = |folder: &str| kind(MOUNTS, Path::new(folder)).expect("a mount");
        assert_eq!(
            [of("/var/lib"), of("/srv/orgbox"), of("/srvx"), of("/srv/my box/data")],
            ["ext4", "nfs4", "ext4", "xfs"]
        );
    }

    #[test]
    fn a_share_is_a_finding_and_a_disk_is_none() {
        for share in ["nfs", "nfs4", "cifs", "fuse.sshfs", "tmpfs"] {
            assert!(judge(share).needs_somebody(), "{share}");
        }
        assert!(!judge("ext4").needs_somebody() && !judge("overlay").needs_somebody());
    }
}
