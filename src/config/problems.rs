//! What is wrong with a configuration, and where a value was written. It must not know
//! which keys there are.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Problems that are listed; a file of nothing but mistakes must not fill the log.
const MAX_LISTED: usize = 200;

/// A place in a configuration file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was reached from the path given to `load`.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// Where a value in force comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    #[default]
    Default,
    /// A configuration file.
    File(Place),
    /// A file of this name in the credentials directory.
    Credential(&'static str),
    /// An environment variable of this name.
    Environment(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) => write!(f, "{}:{}", place.file.display(), place.line),
            Self::Credential(name) => write!(f, "credential {name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
        }
    }
}

/// The origin of each key, by its dotted name (`limits.max_body_bytes`, `admin_password`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// The origin of a key; an unknown or unset one has the default.
    pub fn get(&self, name: &str) -> Origin {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn set(&mut self, name: &str, origin: Origin) {
        self.0.insert(name.to_owned(), origin);
    }
}

/// What a problem is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The environment of the process.
    Process,
    /// A whole file or folder.
    File(PathBuf),
    /// A key or value in a file.
    Place(Place),
}

/// One thing to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is about.
    pub subject: Subject,
    /// One sentence that names the key, what is allowed and the remedy. Never a secret.
    pub message: String,
    /// Whether it stands in a table `[organizations."…"]`. Such a problem keeps no box from starting, because what was
    /// in force before stays so.
    pub in_overrides: bool,
}

impl Problem {
    pub(super) fn of(subject: Subject, message: String) -> Self {
        Self { subject, message, in_overrides: false }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Process => f.write_str(&self.message),
            Subject::File(file) => write!(f, "{}: {}", file.display(), self.message),
            Subject::Place(place) => write!(f, "{place}: {}", self.message),
        }
    }
}

/// All that is wrong, file by file and from top to bottom; shown one problem a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    /// Of the process settings and of the override tables, so that neither hides the other.
    found: [usize; 2],
}

impl Problems {
    /// The problems in the order they are shown, at most 200 of the process settings and 200 of the override tables.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many there are, listed or not.
    pub fn count(&self) -> usize {
        self.found.iter().sum()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Those outside the override tables.
    pub fn of_settings(&self) -> Self {
        let list = self.list.iter().filter(|problem| !problem.in_overrides).cloned().collect();
        Self { list, found: [self.found[0], 0] }
    }

    pub(super) fn process(&mut self, message: String) {
        self.push(Problem::of(Subject::Process, message));
    }

    pub(super) fn file(&mut self, file: PathBuf, message: String) {
        self.push(Problem::of(Subject::File(file), message));
    }

    pub(super) fn place(&mut self, place: Place, message: String) {
        self.push(Problem::of(Subject::Place(place), message));
    }

    pub(super) fn push(&mut self, problem: Problem) {
        let found = &mut self.found[usize::from(problem.in_overrides)];
        *found += 1;
        if *found <= MAX_LISTED {
            self.list.push(problem);
        }
    }

    /// Brings the problems found since there were `start` of them into the order of the file.
    pub(super) fn sort_since(&mut self, start: usize) {
        self.list[start..].sort_by_key(|problem| match &problem.subject {
            Subject::Process | Subject::File(_) => (0, 0),
            Subject::Place(place) => (place.line, place.column),
        });
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        let unlisted = self.count() - self.list.len();
        if unlisted > 0 {
            write!(f, "\nand {unlisted} more")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
