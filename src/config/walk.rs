//! The walk through one file: every key finds its row in the table of keys or becomes a
//! problem with its line and column. It must not know what the keys mean.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::field::{self, quoted};
use super::keys::{SECTIONS, Section, join};
use super::overrides;
use super::problems::{Origin, Place, Problem, Problems, Subject};
use super::values::Config;
use crate::suggest::nearest;

/// The secret files in force, by the dotted name of their key, and where each is named.
pub(super) type SecretFiles = BTreeMap<String, (PathBuf, Place)>;

/// What reading one file takes and gives, besides the configuration itself.
pub(super) struct Reader<'a> {
    file: &'a Path,
    name: &'a str,
    text: &'a str,
    line_starts: Vec<usize>,
    secret_files: &'a mut SecretFiles,
    problems: &'a mut Problems,
    /// Whether what is read is a table `[organizations."…"]`.
    in_overrides: bool,
}

/// Lays the values of one file over `config` and reports all that is wrong with the file; `name` is the file's name as
/// override tables are told of. TOML that cannot be parsed is one problem.
pub(super) fn read(
    (file, name): (&Path, &str),
    text: &str,
    config: &mut Config,
    secret_files: &mut SecretFiles,
    problems: &mut Problems,
) {
    let start = problems.list().len();
    let mut reader = Reader::new(file, name, text, secret_files, problems);
    match DeTable::parse(text) {
        Ok(document) => reader.document(document.get_ref(), config),
        Err(error) => {
            let settings = overrides::settings_before(text).and_then(|settings| DeTable::parse(settings).ok());
            reader.in_overrides = settings.is_some();
            let message = error.message().replace('\n', "; ");
            reader.problem(error.span().unwrap_or_default(), format!("this is not valid TOML: {message}"));
            reader.in_overrides = false;
            // What stands above the tables that are broken is in order and needed to start.
            if let Some(settings) = settings {
                reader.document(settings.get_ref(), config);
            }
        }
    }
    problems.sort_since(start);
}

impl<'a> Reader<'a> {
    fn new(
        file: &'a Path,
        name: &'a str,
        text: &'a str,
        secret_files: &'a mut SecretFiles,
        problems: &'a mut Problems,
    ) -> Self {
        let breaks = text.match_indices('\n').map(|(index, _)| index + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Self { file, name, text, line_starts, secret_files, problems, in_overrides: false }
    }

    /// File and line of the first byte of `span`, as an override is told of.
    pub(super) fn line(&self, span: Range<usize>) -> overrides::Place {
        let line = self.line_starts.partition_point(|start| *start <= span.start);
        overrides::Place { file: self.name.to_owned(), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }

    /// Line and column of the first byte of `span`.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        let offset = self.text.floor_char_boundary(span.start);
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let before = &self.text[self.line_starts[line - 1]..offset];
        // An editor does not count the byte order mark as a column.
        let column = 1 + before.chars().filter(|char| *char != '\u{feff}').count();
        Place { file: self.file.to_owned(), line, column }
    }

    /// Reports what is wrong at `span`.
    pub(super) fn problem(&mut self, span: Range<usize>, message: String) {
        let problem =
            Problem { in_overrides: self.in_overrides, ..Problem::of(Subject::Place(self.place(span)), message) };
        self.problems.push(problem);
    }

    fn document(&mut self, document: &DeTable, config: &mut Config) {
        if !document.contains_key("version") {
            self.no_version();
        }
        self.table("", document, config);
    }

    /// Reports a key that is none of `known`.
    pub(super) fn unknown<'k>(
        &mut self,
        path: &str,
        key: &Spanned<DeString>,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let name = join(path, &quoted(key.get_ref()));
        let remedy = if let Some(word) = nearest(key.get_ref(), known.clone()) {
            format!("did you mean `{word}`?")
        } else if let Some(section) = home_of(key.get_ref()) {
            format!("it belongs {section}")
        } else {
            let known: Vec<_> = known.map(|word| format!("`{word}`")).collect();
            format!("known here: {}", known.join(", "))
        };
        self.problem(key.span(), format!("unknown key `{name}`; {remedy}"));
    }

    /// A path of the file, seen from the folder the file lies in.
    pub(super) fn beside_file(&self, path: &str) -> PathBuf {
        self.file.with_file_name(path)
    }

    /// Notes a secret to be read once it is known that no later file names another.
    pub(super) fn secret_file(&mut self, name: &str, path: &str, span: Range<usize>) {
        let named = (self.beside_file(path), self.place(span));
        self.secret_files.insert(name.to_owned(), named);
    }

    fn table(&mut self, path: &str, table: &DeTable, config: &mut Config) {
        let rows = SECTIONS.iter().find(|section| section.path == path).map_or(&[][..], |section| section.rows);
        for (key, value) in table {
            let name = join(path, key.get_ref());
            if let Some(row) = rows.iter().find(|row| row.name == key.get_ref()) {
                field::read(self, &name, row, value, config);
                let origin = Origin::File(self.place(key.span()));
                config.origins.set(&name, origin);
            } else if path.is_empty() && key.get_ref() == overrides::TABLE {
                self.in_overrides = true;
                overrides::read(self, value, &mut config.overrides.tables);
                self.in_overrides = false;
            } else if children(path).any(|child| child == key.get_ref()) {
                match value.get_ref() {
                    DeValue::Table(table) => self.table(&name, table, config),
                    _ => self.problem(
                        value.span(),
                        format!("`{name}` must be a table: write `[{name}]` and its keys below"),
                    ),
                }
            } else {
                let overrides = [overrides::TABLE].into_iter().filter(|_| path.is_empty());
                let known = rows.iter().map(|row| row.name).chain(children(path)).chain(overrides);
                self.unknown(path, key, known);
            }
        }
    }

    fn no_version(&mut self) {
        let what = if self.text.trim().is_empty() {
            "the file is empty"
        } else {
            "`version = 1` is missing, the file may be cut short"
        };
        self.problem(0..0, format!("{what}; a configuration begins with the line `version = 1`"));
    }
}

/// The names of the tables directly below `path`.
fn children(path: &str) -> impl Iterator<Item = &'static str> + Clone {
    let mut names: Vec<_> = SECTIONS
        .iter()
        .filter_map(|section| {
            let below = section.path.strip_prefix(path)?;
            let below = if path.is_empty() { below } else { below.strip_prefix('.')? };
            below.split('.').next().filter(|name| !name.is_empty())
        })
        .collect();
    names.dedup();
    names.into_iter()
}

/// Where a key is at home that was written in the wrong table.
fn home_of(key: &str) -> Option<String> {
    let has = |section: &&Section| section.rows.iter().any(|row| row.name == key);
    SECTIONS.iter().find(has).map(|section| match section.path {
        "" => "at the top of the file, above the first `[table]`".to_owned(),
        path => format!("under `[{path}]`"),
    })
}
