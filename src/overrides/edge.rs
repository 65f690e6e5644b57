//! One look at the files: read them, and where they have changed and are in order, hand them to the core in one write.
//! What is wrong with them changes nothing and is told. It must not know what wakes it.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use sha2::{Digest, Sha256};

use super::{
    core::{self, InForce, Refusal},
    document::{self, Mistakes, Reading},
    state::{Standing, State},
};
use crate::{
    clock::Clock,
    config::{self, Config, Files, Settings, Source},
    model::{self, overrides::Document},
    ops::overrides::{Remark, Report},
    store::{OpenError, Reader, Store, last_good::LastGood},
};

/// Remarks of the core that are told.
const MISTAKES_LISTED_MAX: usize = 200;

/// Readings until two in a row are equal; then it is left for the next time.
const READINGS_MAX: usize = 10;

/// What one look came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The files are in force since now; so many organizations changed.
    Applied(usize),
    /// They say what is in force already, or what was decided about before.
    Unchanged,
    /// They have these mistakes, a line each.
    Rejected(Vec<String>),
    /// They vanished, or suddenly manage much less; the sentence says which.
    Held(String),
    /// Somebody is writing them.
    Unsettled,
    /// The box cannot write at present.
    Failed(model::Error),
}

/// The watched files, and what is known of them.
pub struct Edge {
    main: PathBuf,
    store: Arc<Store>,
    reader: Reader,
    clock: Clock,
    /// What the process was started with.
    source: Source,
    /// Puts into force what of a configuration can be while the process runs.
    live: Box<dyn Fn(&Config) + Send>,
    state: Arc<RwLock<Arc<State>>>,
    /// What the last look made a decision about; `None`: look again.
    seen: Option<[u8; 32]>,
    /// How the files looked from outside before they were read last.
    outside: Outside,
    /// The tables whose end has been told.
    told: Vec<super::state::Expiring>,
}

/// What `stat` says of every file: which one it is, how long, and when it changed.
type Outside = Vec<(PathBuf, Option<[i64; 7]>)>;

impl Edge {
    /// For the files that the process was started with. Reads nothing yet.
    pub fn new(
        main: &Path,
        source: Source,
        store: Arc<Store>,
        clock: Clock,
        live: impl Fn(&Config) + Send + 'static,
    ) -> Result<Self, OpenError> {
        let reader = store.reader()?;
        let state = State { standing: Standing::InForce, since_ms: clock.now_ms(), ..State::default() };
        Ok(Self {
            main: main.to_owned(),
            store,
            reader,
            clock,
            source,
            live: Box::new(live),
            state: Arc::new(RwLock::new(Arc::new(state))),
            seen: None,
            outside: Outside::new(),
            told: Vec::new(),
        })
    }

    /// Where the state is told.
    pub fn state(&self) -> Arc<RwLock<Arc<State>>> {
        Arc::clone(&self.state)
    }

    /// Looks at the files once. `pause` lets a moment pass between two readings.
    pub fn run_once(&mut self, pause: &mut dyn FnMut()) -> Outcome {
        let Some(files) = self.settled(pause) else {
            self.seen = None;
            return Outcome::Unsettled;
        };
        let seen = fingerprint(&files);
        if self.seen == Some(seen) {
            self.tell(|state, now_ms| state.read_ms = Some(now_ms));
            return Outcome::Unchanged;
        }
        let outcome = self.decide(&files);
        self.seen = (!matches!(outcome, Outcome::Failed(_))).then_some(seen);
        outcome
    }

    /// Forgets what was seen, so that the next look decides anew.
    pub fn forget(&mut self) {
        self.seen = None;
    }

    /// True where the files look different from outside than before they were read last, or a look is owed.
    pub fn is_due(&self) -> bool {
        self.seen.is_none() || self.outside != outside(&self.main)
    }

    /// Ends the tables whose time has come; tells of those that end within a day. Returns when the next one ends.
    pub fn expire(&mut self) -> Option<i64> {
        let next = self.reader.read(core::next_expiry).unwrap_or_else(|error| {
            tracing::warn!(%error, "when the next override table ends could not be read");
            None
        });
        if next.is_none_or(|next_ms| next_ms > self.clock.now_ms()) {
            self.tell_of_ends();
            return next;
        }
        match core::expire(&self.store) {
            Ok(Some(report)) => {
                tracing::info!(changed = report.changed.len(), "override tables have ended");
                self.warned(&report);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "override tables that have ended could not be taken out"),
        }
        self.tell(|_, _| {});
        // What could not be taken out now is tried again at the next look.
        let next = self.reader.read(core::next_expiry).unwrap_or_default();
        next.filter(|next_ms| *next_ms > self.clock.now_ms())
    }

    /// Tells of tables that have come within a day of their end since they were told of last.
    fn tell_of_ends(&mut self) {
        let now_ms = self.clock.now_ms();
        let expiring = self.reader.read(|read| core::in_force(read, now_ms)).map(|in_force| in_force.expiring);
        if expiring.is_ok_and(|expiring| expiring != self.current().expiring) {
            self.tell(|_, _| {});
        }
    }

    /// The box's time, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Says why changes are found by polling only, if they are.
    pub fn note_polling(&self, reason: Option<&str>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.polling.as_deref() != reason {
            Arc::make_mut(&mut state).polling = reason.map(str::to_owned);
        }
    }

    /// Two equal readings in a row.
    fn settled(&mut self, pause: &mut dyn FnMut()) -> Option<Files> {
        let mut before = self.read();
        for _ in 1..READINGS_MAX {
            // What was decided about already has settled before.
            if self.seen == Some(fingerprint(&before)) {
                return Some(before);
            }
            pause();
            let now = self.read();
            if now == before {
                return Some(now);
            }
            before = now;
        }
        None
    }

    /// Seen from outside first, so that what is written meanwhile shows at the next look.
    fn read(&mut self) -> Files {
        self.outside = outside(&self.main);
        Files::read(&self.main)
    }

    fn decide(&mut self, files: &Files) -> Outcome {
        let managed = match self.reader.read(core::managed) {
            Ok(managed) => managed,
            Err(error) => return self.failed(error),
        };
        if files.is_main_missing() {
            let main = config::known_as(&self.main);
            let is_missed =
                managed.is_some() || self.reader.read(|read| core::has_been_good(read, &main)).unwrap_or(true);
            if !is_missed {
                self.stand(Standing::NoFile, Vec::new(), 0);
                return Outcome::Unchanged;
            }
            return self.held(Standing::Missing, format!("{} is not there", self.main.display()));
        }
        let Reading { document, config } = match document::read(files, &self.source.environment) {
            Ok(reading) => reading,
            Err(mistakes) => return self.rejected(mistakes),
        };
        let Some(managed) = managed else {
            if document.tables.is_empty() {
                self.in_force(files, &config, Report::default());
                return Outcome::Unchanged;
            }
            return self.replace(files, document, &config);
        };
        match vanished(files, &document, &managed) {
            Some(sentence) => self.held(Standing::Missing, sentence),
            None => self.replace(files, document, &config),
        }
    }

    fn replace(&mut self, files: &Files, document: Document, config: &Config) -> Outcome {
        match core::replace(&self.store, document) {
            Ok(report) => {
                let outcome = if report.is_news { Outcome::Applied(report.changed.len()) } else { Outcome::Unchanged };
                self.in_force(files, config, report);
                outcome
            }
            Err(Refusal::Held(sentence)) => self.held(Standing::Held, sentence),
            Err(Refusal::Mistakes(remarks)) => {
                let lines: Vec<_> = remarks.iter().take(MISTAKES_LISTED_MAX).map(|remark| self.line(remark)).collect();
                self.rejected(Mistakes { lines, count: remarks.len() })
            }
            Err(Refusal::Failed(error)) => self.failed(error),
        }
    }

    fn in_force(&mut self, files: &Files, config: &Config, report: Report) {
        (self.live)(config);
        let texts = files.texts().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let last_good = LastGood { main: config::known_as(&self.main), files: texts };
        if let Err(error) = core::keep(&self.store, &self.reader, last_good) {
            tracing::warn!(%error, "the files could not be kept for a start without them");
        }
        let waiting = self.waiting(&config.source.settings);
        let before = self.stand(Standing::InForce, Vec::new(), 0);
        if report.is_news {
            let Report { changed, created, entries, .. } = &report;
            let (changed, created) = (changed.len(), created.len());
            tracing::info!(entries, changed, created, "the configuration's overrides are in force");
        } else if !matches!(before, Standing::InForce | Standing::NoFile) {
            tracing::info!("the configuration is in order again");
        }
        self.warned(&report);
        self.tell(|state, _| state.waiting_for_restart = waiting);
    }

    /// Tells what is doubtful; what was told before is not logged again.
    fn warned(&mut self, report: &Report) {
        let warnings: Vec<_> =
            report.warnings.iter().take(MISTAKES_LISTED_MAX).map(|remark| self.line(remark)).collect();
        let known = self.current();
        for warning in warnings.iter().filter(|warning| !known.warnings.contains(warning)) {
            tracing::warn!("{warning}");
        }
        if report.warnings.len() > warnings.len() {
            tracing::warn!("and {} warnings more", report.warnings.len() - warnings.len());
        }
        self.tell(|state, _| (state.warnings, state.warning_count) = (warnings, report.warnings.len()));
    }

    /// A remark of the core with its file as the mistakes of the files name it.
    fn line(&self, remark: &Remark) -> String {
        match &remark.place {
            Some(place) => {
                format!("{}:{}: {}", self.main.with_file_name(&place.file).display(), place.line, remark.message)
            }
            None => remark.message.clone(),
        }
    }

    /// The keys that wait for the next start; those that did not wait before are logged.
    fn waiting(&self, settings: &Settings) -> Vec<String> {
        let waiting = self.source.settings.waiting_in(settings);
        let known = &self.current().waiting_for_restart;
        for key in waiting.iter().filter(|key| !known.contains(key)) {
            tracing::warn!("takes effect at restart: {key}");
        }
        waiting
    }

    fn rejected(&mut self, mistakes: Mistakes) -> Outcome {
        let Mistakes { lines, count } = mistakes;
        tracing::error!(problems = count, "the configuration has mistakes; what was in force stays so");
        for line in &lines {
            tracing::error!("{line}");
        }
        self.stand(Standing::Rejected, lines.clone(), count);
        Outcome::Rejected(lines)
    }

    fn held(&mut self, standing: Standing, sentence: String) -> Outcome {
        tracing::warn!(remedy = standing.remedy(), "{sentence}; what was in force stays so");
        self.stand(standing, vec![sentence.clone()], 1);
        Outcome::Held(sentence)
    }

    fn failed(&mut self, error: model::Error) -> Outcome {
        if self.stand(Standing::Waiting, vec![error.message.clone()], 1) != Standing::Waiting {
            tracing::warn!(%error, "the configuration's overrides could not be applied; the box tries again");
        }
        Outcome::Failed(error)
    }

    /// Notes how the files stand since now; returns how they stood before.
    fn stand(&mut self, standing: Standing, problems: Vec<String>, problem_count: usize) -> Standing {
        let before = self.current().standing;
        self.tell(|state, now_ms| {
            if state.standing != standing {
                state.since_ms = now_ms;
            }
            (state.standing, state.problems, state.problem_count) = (standing, problems, problem_count);
            state.read_ms = Some(now_ms);
        });
        before
    }

    fn current(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells a new state, with what is in force read anew.
    fn tell(&mut self, change: impl FnOnce(&mut State, i64)) {
        let now_ms = self.clock.now_ms();
        let mut state = State::clone(&self.current());
        match self.reader.read(|read| core::in_force(read, now_ms)) {
            Ok(InForce { files, expiring }) => {
                state.digest = files.map(|(digest, _)| model::text::hexadecimal(&digest));
                state.in_force_ms = files.map(|(_, since_ms)| since_ms);
                state.expiring = expiring;
            }
            // What was known before stays told; the box says elsewhere that it cannot read.
            Err(error) => tracing::debug!(%error, "the overrides in force could not be read"),
        }
        change(&mut state, now_ms);
        for table in state.expiring.iter().filter(|table| !self.told.contains(table)) {
            tracing::warn!(selector = table.selector, place = table.place, "an override table ends within a day");
        }
        self.told.clone_from(&state.expiring);
        let mut told = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.polling.clone_from(&told.polling);
        *told = Arc::new(state);
    }
}

/// A sentence where a file is gone that manages something, unless the other files allow for it.
fn vanished(files: &Files, document: &Document, managed: &BTreeMap<String, usize>) -> Option<String> {
    if document.allow_shrink {
        return None;
    }
    let (file, entries) = managed.iter().find(|(file, _)| !files.has(file))?;
    Some(format!(
        "{file} has vanished, which manages {entries} entries; put it back, or `allow_shrink = true` allows that"
    ))
}

/// SHA-256 over all that a reading gave, mistakes included.
fn fingerprint(files: &Files) -> [u8; 32] {
    let mut hash = Sha256::new();
    for outcome in files.outcomes() {
        let (sign, name, text) = outcome;
        hash.update([sign]);
        for part in [name, text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize().into()
}

fn outside(main: &Path) -> Outside {
    let folder = main.with_file_name(config::DROP_INS);
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    paths.sort();
    paths.insert(0, main.to_owned());
    let look = |path: PathBuf| {
        let found = fs::metadata(&path).ok().map(|file| {
            let (device, inode, size) = (file.dev() as i64, file.ino() as i64, file.size() as i64);
            [device, inode, size, file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()]
        });
        (path, found)
    };
    paths.into_iter().map(look).collect()
}
