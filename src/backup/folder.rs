//! The folder of the backups: which files are backups of this database, which is the newest that is good, which go.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{manifest, verify};
use crate::model::backup::Backup;

/// How the moment stands in a name: `orgbox-20270131T033000Z.db`.
const MOMENT: &str = "%Y%m%dT%H%M%SZ";
const EXTENSION: &str = ".db";
const UNFINISHED: &str = ".unfinished";
/// Backups in one second, and so of one name but for a number.
const SAME_SECOND_MAX: usize = 100;
/// Backups that are looked into for one that is good.
const LOOKED_INTO_MAX: usize = 10;

/// The backups of one database in one folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    /// What the name of each begins with: `orgbox-` for `orgbox.db`.
    prefix: String,
}

impl Folder {
    /// The backups of this database in this folder, which need not be there.
    pub fn new(path: &Path, database: &Path) -> Self {
        let stem = database.file_stem().unwrap_or_default().to_string_lossy();
        Self { path: path.to_owned(), prefix: format!("{stem}-") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The backups, the newest first; none where there is no folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<Backup>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(named_ms) = self.moment_ms(&name) else { continue };
            let Some(file) = entry.metadata().ok().filter(fs::Metadata::is_file) else { continue };
            let manifest = manifest::read(&entry.path());
            let taken_at_ms = manifest.as_ref().map_or(named_ms, |manifest| manifest.taken_at_ms);
            found.push(Backup { name, bytes: file.len(), taken_at_ms, manifest });
        }
        found.sort_by(|left, right| (right.taken_at_ms, &right.name).cmp(&(left.taken_at_ms, &left.name)));
        Ok(found)
    }

    /// The newest backup whose bytes are those that its manifest tells of, or that is sound where it has none.
    pub fn newest_good(&self) -> Option<PathBuf> {
        let newest = self.list().ok()?.into_iter().take(LOOKED_INTO_MAX).map(|backup| self.path.join(backup.name));
        newest.into_iter().find(|path| verify::is_good(path))
    }

    /// A free name for a backup that is begun at this moment.
    pub(super) fn next_path(&self, now_ms: i64) -> io::Result<PathBuf> {
        let moment = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let moment = moment.strftime(MOMENT);
        let name = |number: usize| match number {
            0 => self.path.join(format!("{}{moment}{EXTENSION}", self.prefix)),
            _ => self.path.join(format!("{}{moment}-{number}{EXTENSION}", self.prefix)),
        };
        let free = (0..SAME_SECOND_MAX).map(name).find(|path| !path.exists());
        free.ok_or_else(|| io::Error::new(ErrorKind::AlreadyExists, "too many backups of this second"))
    }

    /// Removes the backups that are too many, but never the newest nor the one `made` just now. Returns their names.
    pub(super) fn prune(&self, keep: usize, max_bytes: u64, made: Option<&str>) -> io::Result<Vec<String>> {
        let mut gone = Vec::new();
        for name in surplus(&self.list()?, keep, max_bytes, made) {
            let path = self.path.join(&name);
            fs::remove_file(&path)?;
            discard(&manifest::path(&path));
            tracing::info!(backup = name, "a backup was removed: there are newer ones");
            gone.push(name);
        }
        Ok(gone)
    }

    /// Removes what an earlier process has left unfinished.
    pub(super) fn clear_unfinished(&self) {
        let prefix = format!(".{}", self.prefix);
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && name.contains(UNFINISHED) {
                discard(&entry.path());
            }
        }
    }

    /// The moment in a name; `None` where it is not that of a backup of this database.
    fn moment_ms(&self, name: &str) -> Option<i64> {
        let moment = name.strip_prefix(&self.prefix)?.strip_suffix(EXTENSION)?;
        let (moment, number) = moment.split_once('-').unwrap_or((moment, "0"));
        number.parse::<usize>().ok()?;
        let at = DateTime::strptime(MOMENT, moment).ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(at.timestamp().as_millisecond())
    }
}

/// The names of those to be removed, of backups from the newest on.
pub fn surplus(backups: &[Backup], keep: usize, max_bytes: u64, made: Option<&str>) -> Vec<String> {
    let is_made = |backup: &&Backup| Some(backup.name.as_str()) == made;
    // The one just made comes first, also where a clock that was wrong has dated another one later.
    let order = backups.iter().filter(is_made).chain(backups.iter().filter(|backup| !is_made(backup)));
    let (mut kept, mut bytes) = (0, 0_u64);
    let mut gone = Vec::new();
    for backup in order {
        let fits = kept < keep && bytes.saturating_add(backup.bytes) <= max_bytes;
        if kept == 0 || (fits && gone.is_empty()) {
            kept += 1;
            bytes = bytes.saturating_add(backup.bytes);
        } else {
            gone.push(backup.name.clone());
        }
    }
    gone
}

/// The folder of a file.
pub(super) fn of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Makes a private folder, and those above it that are missing.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Writes the names in a folder to disk.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The name of a backup that is not finished.
pub(super) fn unfinished(backup: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(backup.file_name().unwrap_or_default());
    name.push(UNFINISHED);
    backup.with_file_name(name)
}

/// Removes a file, if it is there.
pub(super) fn discard(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "a needless file could not be removed");
    }
}
