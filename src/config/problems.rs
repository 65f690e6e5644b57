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
    unlisted: usize,
}

impl Problems {
    /// The problems in the order they are shown, at most 200.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn process(&mut self, message: String) {
        self.push(Subject::Process, message);
    }

    pub(super) fn file(&mut self, file: PathBuf, message: String) {
        self.push(Subject::File(file), message);
    }

    pub(super) fn place(&mut self, place: Place, message: String) {
        self.push(Subject::Place(place), message);
    }

    /// Brings the problems found since there were `start` of them into the order of the file.
    pub(super) fn sort_since(&mut self, start: usize) {
        self.list[start..].sort_by_key(|problem| match &problem.subject {
            Subject::Process | Subject::File(_) => (0, 0),
            Subject::Place(place) => (place.line, place.column),
        });
    }

    fn push(&mut self, subject: Subject, message: String) {
        if self.list.len() < MAX_LISTED {
            self.list.push(Problem { subject, message });
        } else {
            self.unlisted += 1;
        }
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
        if self.unlisted > 0 {
            write!(f, "\nand {} more", self.unlisted)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
