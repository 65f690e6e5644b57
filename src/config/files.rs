//! Which files make up a configuration, and how a file is read without being led astray
//! (no pipe, no device, no endless file). It must not know what stands in them.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::problems::Problems;

/// Longest configuration file, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Most drop-ins: more is a folder that was never meant to be one of configuration.
const MAX_DROP_INS: usize = 256;

/// The main file, then the drop-ins `config.d/*.toml` beside it in the order of their names.
/// As with a shell's `*`, names that begin with a dot are passed over.
pub(super) fn all(main: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let mut files = vec![main.to_owned()];
    let folder = main.with_file_name("config.d");
    match drop_ins(&folder) {
        Ok(found) if found.len() > MAX_DROP_INS => problems.file(
            folder,
            format!("holds {} drop-ins, but at most {MAX_DROP_INS} are allowed; join some of them", found.len()),
        ),
        Ok(found) => files.extend(found),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => problems.file(folder, format!("the folder of drop-ins cannot be read: {error}")),
    }
    files
}

/// The text of a configuration file, or a problem.
pub(super) fn text(file: &Path, problems: &mut Problems) -> Option<String> {
    let bytes = match bytes(file, MAX_FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(refusal) => {
            problems.file(file.to_owned(), refusal);
            return None;
        }
    };
    String::from_utf8(bytes)
        .map_err(|error| {
            let position = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..position].iter().filter(|byte| **byte == b'\n').count();
            problems.file(file.to_owned(), format!("line {line} is not UTF-8: save the file as UTF-8 text"));
        })
        .ok()
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
        return Err(format!("is longer than {max_bytes} bytes"));
    }
    Ok(content)
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
