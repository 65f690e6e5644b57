//! Which files make up a configuration, and how a file is read without being led astray
//! (no pipe, no device, no endless file). It must not know what stands in them.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::problems::{Problem, Subject};

/// Longest configuration file, in bytes.
pub const MAX_FILE_BYTES: u64 = 4 << 20;

/// Most drop-ins: more is a folder that was never meant to be one of configuration.
pub const MAX_DROP_INS: usize = 256;

/// The folder of drop-ins beside the main file.
pub const DROP_INS: &str = "config.d";

/// The texts of a configuration, read at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The main file, then the drop-ins in the order of their names.
    pub(super) list: Vec<Text>,
    /// Why the folder of drop-ins could not be looked through.
    pub(super) problem: Option<Problem>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub path: PathBuf,
    /// Seen from the folder of the main file, with `/`: `config.d/10-site.toml`.
    pub name: String,
    pub content: Result<String, Unread>,
}

/// Why there is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub is_missing: bool,
    pub problem: Problem,
}

impl Files {
    /// Reads the main file and the drop-ins `config.d/*.toml` beside it in the order of their names. As with a shell's
    /// `*`, names that begin with a dot are passed over.
    pub fn read(main: &Path) -> Self {
        let mut files = Self::default();
        let main_name = main.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.list.push(Text::read(main.to_owned(), main_name));
        let folder = main.with_file_name(DROP_INS);
        let problem = |message| Some(Problem::of(Subject::File(folder.clone()), message));
        match drop_ins(&folder) {
            Ok(found) if found.len() > MAX_DROP_INS => {
                files.problem = problem(format!(
                    "holds {} drop-ins, but at most {MAX_DROP_INS} are allowed; join some of them",
                    found.len()
                ));
            }
            Ok(found) => files.list.extend(found.into_iter().map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let name = format!("{DROP_INS}/{name}");
                Text::read(path, name)
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => files.problem = problem(format!("the folder of drop-ins cannot be read: {error}")),
        }
        files
    }

    /// Texts that stand in no file yet, by name, as if they had been read in this order.
    pub fn of_texts(texts: Vec<(String, String)>) -> Self {
        let list = texts.into_iter().map(|(name, content)| {
            let content = if content.len() as u64 > MAX_FILE_BYTES {
                Err(Unread {
                    is_missing: false,
                    problem: Problem::of(Subject::File(PathBuf::from(&name)), too_long(MAX_FILE_BYTES)),
                })
            } else {
                Ok(content)
            };
            Text { path: PathBuf::from(&name), name, content }
        });
        Self { list: list.collect(), problem: None }
    }

    /// Texts that stood in the files of a main file and its folder, by name and in this order, as if they still did.
    pub fn of_former(main: &Path, texts: Vec<(String, String)>) -> Self {
        let mut files = Self::of_texts(texts);
        for file in &mut files.list {
            file.path = main.with_file_name(&file.name);
        }
        files
    }

    /// Where each file lies, in file order.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.list.iter().map(|file| file.path.as_path())
    }

    /// Name and text of each file that could be read.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().filter_map(|text| Some((text.name.as_str(), text.content.as_deref().ok()?)))
    }

    /// Of each file a sign for what was found, its name, and its text or why there is none; whatever differs between two
    /// readings shows here.
    pub fn outcomes(&self) -> impl Iterator<Item = (u8, &str, &str)> {
        let files = self.list.iter().map(|text| match &text.content {
            Ok(content) => (0, text.name.as_str(), content.as_str()),
            Err(unread) => (1, text.name.as_str(), unread.problem.message.as_str()),
        });
        files.chain(self.problem.iter().map(|problem| (2, "", problem.message.as_str())))
    }

    /// Takes out of each file that is no TOML the line where it breaks and all behind it.
    pub(super) fn keep_what_parses(&mut self) {
        for content in self.list.iter_mut().filter_map(|file| file.content.as_mut().ok()) {
            while let Err(error) = DeTable::parse(content) {
                let at = error.span().map_or(0, |span| span.start).min(content.len().saturating_sub(1));
                let kept = content.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                content.truncate(kept);
            }
        }
    }

    /// True where the main file is not there at all.
    pub fn is_main_missing(&self) -> bool {
        matches!(self.list.first(), Some(Text { content: Err(Unread { is_missing: true, .. }), .. }))
    }

    /// True where a file of this name is there, whatever it holds.
    pub fn has(&self, name: &str) -> bool {
        self.list.iter().any(|text| text.name == name && !matches!(text.content, Err(Unread { is_missing: true, .. })))
    }
}

impl Text {
    fn read(path: PathBuf, name: String) -> Self {
        let content = read_text(&path).map_err(|(is_missing, message)| {
            let problem = Problem::of(Subject::File(path.clone()), message);
            Unread { is_missing, problem }
        });
        Self { path, name, content }
    }
}

fn read_text(path: &Path) -> Result<String, (bool, String)> {
    let content = bytes(path, MAX_FILE_BYTES).map_err(|refusal| {
        // A link that leads nowhere is a mistake; a name that is not there may have been taken away on purpose.
        let is_missing = matches!(path.symlink_metadata(), Err(error) if error.kind() == ErrorKind::NotFound);
        (is_missing, refusal)
    })?;
    String::from_utf8(content).map_err(|error| {
        let position = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..position].iter().filter(|byte| **byte == b'\n').count();
        (false, format!("line {line} is not UTF-8: save the file as UTF-8 text"))
    })
}

/// The content of a regular file of at most `max_bytes`, or why it is refused. The
/// sentence does not name the file.
pub(super) fn bytes(file: &Path, max_bytes: u64) -> Result<Vec<u8>, String> {
    let cannot = |error| format!("cannot be read: {error}");
    // Asked before it is opened, because opening a pipe waits for its writer.
    if !fs::metadata(file).map_err(cannot)?.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let mut content = Vec::new();
    File::open(file).and_then(|file| file.take(max_bytes + 1).read_to_end(&mut content)).map_err(cannot)?;
    if content.len() as u64 > max_bytes {
        return Err(too_long(max_bytes));
    }
    Ok(content)
}

fn too_long(max_bytes: u64) -> String {
    format!("is longer than {max_bytes} bytes")
}

fn drop_ins(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let bytes = name.as_encoded_bytes();
        if bytes.ends_with(b".toml") && !bytes.starts_with(b".") {
            found.push(folder.join(name));
        }
    }
    found.sort();
    Ok(found)
}
