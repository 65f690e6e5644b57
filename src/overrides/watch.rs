//! Hears of changes to the configuration's files: watches folders, not files, and rings a bell. The only place that names
//! notify. It must not know what the files hold.
//!
//! A file is reached by looking up one name after the other in one folder after the other, some of them behind links. Each
//! of these folders is watched for the name that is looked up in it, so that nothing can be put in the place of the file,
//! of a folder above it or of a link on the way (`..data` of a mounted ConfigMap) unheard.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs,
    os::unix::fs::MetadataExt,
    path::{Component, Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};

use super::bell::Bell;
use crate::config;

/// Links that are followed on the way to one file; as many as the system follows.
const LINKS_MAX: usize = 40;

/// Drop-ins whose own ways are followed; the folder of all is watched anyhow.
const DROP_INS_MAX: usize = 64;

/// The watched folders of one configuration.
pub struct Watch {
    main: PathBuf,
    bell: Arc<Bell>,
    armed: Option<Armed>,
    /// Whether something was heard since it was armed.
    heard: Arc<AtomicBool>,
    failure: Option<String>,
}

struct Armed {
    /// Ends its thread when dropped.
    _watcher: RecommendedWatcher,
    spots: Spots,
}

/// The names that matter in each folder; `None`: all of them. A folder is known by its path and by which one it is, since
/// another may take its path.
type Spots = BTreeMap<(PathBuf, u64, u64), Option<BTreeSet<OsString>>>;

impl Watch {
    /// Watches nothing yet.
    pub fn new(main: &Path, bell: Arc<Bell>) -> Self {
        let main = std::path::absolute(main).unwrap_or_else(|_| main.to_owned());
        Self { main, bell, armed: None, heard: Arc::default(), failure: None }
    }

    /// Watches every folder that matters now; where these are the ones that are watched already and nothing has been heard,
    /// nothing happens. After a change all are watched anew, for a folder that was made again may be given the number of the
    /// one that is gone. To be called before the files are read, so that no change comes between.
    pub fn arm(&mut self) {
        let heard = self.heard.swap(false, Ordering::AcqRel);
        let spots = spots(&self.main);
        if !heard && self.failure.is_none() && self.armed.as_ref().is_some_and(|armed| armed.spots == spots) {
            return;
        }
        let failure = match self.watcher(&spots) {
            Ok((watcher, failure)) => {
                self.armed = Some(Armed { _watcher: watcher, spots });
                failure
            }
            Err(error) => Some(error.to_string()),
        };
        if failure != self.failure {
            match &failure {
                Some(reason) => tracing::warn!(reason, "the configuration cannot be watched and is polled only"),
                None => tracing::info!("the configuration is watched again"),
            }
        }
        self.failure = failure;
    }

    /// Why changes are found by polling only, if they are.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// A new watcher over all spots, and the first that could not be watched.
    fn watcher(&self, spots: &Spots) -> notify::Result<(RecommendedWatcher, Option<String>)> {
        let names: BTreeMap<PathBuf, Option<BTreeSet<OsString>>> =
            spots.iter().map(|((folder, ..), names)| (folder.clone(), names.clone())).collect();
        let (bell, heard) = (Arc::clone(&self.bell), Arc::clone(&self.heard));
        let hear = move |event: notify::Result<Event>| {
            if event.map_or(true, |event| matters(&event, &names)) {
                heard.store(true, Ordering::Release);
                bell.changed();
            }
        };
        let mut watcher = notify::recommended_watcher(hear)?;
        let mut failure = None;
        for (folder, ..) in spots.keys() {
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                failure.get_or_insert_with(|| format!("{}: {error}", folder.display()));
            }
        }
        Ok((watcher, failure))
    }
}

/// Whether an event can concern the configuration. That somebody has read a file, as the box itself does, never does.
fn matters(event: &Event, names: &BTreeMap<PathBuf, Option<BTreeSet<OsString>>>) -> bool {
    let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
    if matches!(event.kind, EventKind::Access(_)) && event.kind != written {
        return false;
    }
    let concerns = |path: &PathBuf| {
        let inside = path.parent().and_then(|folder| names.get(folder)).zip(path.file_name());
        names.contains_key(path) && inside.is_none()
            || inside.is_some_and(|(names, name)| names.as_ref().is_none_or(|names| names.contains(name)))
    };
    event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(concerns)
}

/// Every folder that is looked through on the way to the main file, to the drop-ins and to each of them.
fn spots(main: &Path) -> Spots {
    let mut spots = Spots::new();
    let drop_ins = main.with_file_name(config::DROP_INS);
    follow(main, &mut spots);
    if let Some(folder) = follow(&drop_ins, &mut spots)
        && let Some(key) = key(&folder)
    {
        spots.insert(key, None);
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
        for link in links.take(DROP_INS_MAX) {
            follow(&link.path(), &mut spots);
        }
    }
    spots
}

/// Adds the folders that looking up this path goes through, each with the name that is looked up in it, links followed.
/// Returns where the path leads, if it leads anywhere.
fn follow(path: &Path, spots: &mut Spots) -> Option<PathBuf> {
    let mut rest: Vec<OsString> = components(path);
    let mut folder = PathBuf::from("/");
    let mut links = 0;
    while let Some(name) = rest.pop() {
        if name == ".." {
            folder.pop();
            continue;
        }
        let names = spots.entry(key(&folder)?).or_insert_with(|| Some(BTreeSet::new()));
        if let Some(names) = names {
            names.insert(name.clone());
        }
        let next = folder.join(name);
        match fs::read_link(&next) {
            Ok(target) => {
                links += 1;
                if links > LINKS_MAX {
                    return None;
                }
                if target.is_absolute() {
                    folder = PathBuf::from("/");
                }
                rest.extend(components(&target));
            }
            Err(_) if next.symlink_metadata().is_ok() => folder = next,
            Err(_) => return None,
        }
    }
    Some(folder)
}

/// The names of a path, last first.
fn components(path: &Path) -> Vec<OsString> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    });
    let mut names: Vec<_> = names.collect();
    names.reverse();
    names
}

fn key(folder: &Path) -> Option<(PathBuf, u64, u64)> {
    let found = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
    Some((folder.to_owned(), found.dev(), found.ino()))
}
