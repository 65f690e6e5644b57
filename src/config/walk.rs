//! The walk through one file: every key finds its row in the table of keys or becomes a
//! problem with its line and column. It must not know what the keys mean.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::field::{self, quoted};
use super::keys::{LATER, SECTIONS, Section, join};
use super::problems::{Origin, Place, Problems};
use super::values::Config;
use crate::suggest::nearest;

/// The secret files in force, by the dotted name of their key, and where each is named.
pub(super) type SecretFiles = BTreeMap<String, (PathBuf, Place)>;

/// What reading one file takes and gives, besides the configuration itself.
pub(super) struct Reader<'a> {
    file: &'a Path,
    text: &'a str,
    line_starts: Vec<usize>,
    secret_files: &'a mut SecretFiles,
    problems: &'a mut Problems,
}

/// Lays the values of one file over `config` and reports all that is wrong with the file.
/// TOML that cannot be parsed is one problem.
pub(super) fn read(
    file: &Path,
    text: &str,
    config: &mut Config,
    secret_files: &mut SecretFiles,
    problems: &mut Problems,
) {
    let start = problems.list().len();
    let mut reader = Reader::new(file, text, secret_files, problems);
    match DeTable::parse(text) {
        Ok(document) => {
            let document = document.get_ref();
            if !document.contains_key("version") {
                reader.no_version();
            }
            reader.table("", document, config);
        }
        Err(error) => {
            let message = error.message().replace('\n', "; ");
            reader.problem(error.span().unwrap_or_default(), format!("this is not valid TOML: {message}"));
        }
    }
    problems.sort_since(start);
}

impl<'a> Reader<'a> {
    fn new(file: &'a Path, text: &'a str, secret_files: &'a mut SecretFiles, problems: &'a mut Problems) -> Self {
        let breaks = text.match_indices('\n').map(|(index, _)| index + 1);
        Self { file, text, line_starts: std::iter::once(0).chain(breaks).collect(), secret_files, problems }
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
        self.problems.place(self.place(span), message);
    }

    /// Reports a key that is none of `known`.
    pub(super) fn unknown<'k>(
        &mut self,
        path: &str,
        key: &Spanned<DeString>,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let name = quoted(&join(path, key.get_ref()));
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
            } else if children(path).any(|child| child == key.get_ref()) {
                match value.get_ref() {
                    DeValue::Table(table) => self.table(&name, table, config),
                    _ => self.problem(
                        value.span(),
                        format!("`{name}` must be a table: write `[{name}]` and its keys below"),
                    ),
                }
            } else if path.is_empty() && LATER.contains(&key.get_ref().as_ref()) {
                self.problem(key.span(), format!("unknown table `{name}`: this version of orgbox does not know it"));
            } else {
                let known = rows.iter().map(|row| row.name).chain(children(path));
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
