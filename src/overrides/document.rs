//! From the texts of the files to the document that the core applies. It must not know when that happens.

use sha2::{Digest, Sha256};

use crate::{
    config::{self, Config, Environment, Files, Problems},
    model::overrides::Document,
};

/// What is read off files that have no mistake.
#[derive(Debug)]
pub struct Reading {
    /// What they say of organizations.
    pub document: Document,
    /// All that they say.
    pub config: Config,
}

/// Why files cannot be used: a line for each mistake that is listed, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    /// `config.toml:3:1: …`, in the order of the files.
    pub lines: Vec<String>,
    /// At least as many as there are lines.
    pub count: usize,
}

/// Reads the texts, or says all that is wrong with them and with the secrets that they name.
pub fn read(files: &Files, environment: &Environment) -> Result<Reading, Mistakes> {
    taken(files, config::parse(files, environment))
}

/// Reads texts that are not the box's own files, or says all that is wrong with them. Secrets are not looked for.
pub fn read_apart(files: &Files) -> Result<Reading, Mistakes> {
    taken(files, config::parse_apart(files))
}

fn taken(files: &Files, (config, problems): (Config, Problems)) -> Result<Reading, Mistakes> {
    if !problems.is_empty() {
        let lines = problems.list().iter().map(ToString::to_string).collect();
        return Err(Mistakes { lines, count: problems.count() });
    }
    let config::Overrides { tables, allow_shrink } = config.overrides.clone();
    Ok(Reading { document: Document { digest: digest(files), tables, allow_shrink }, config })
}

/// SHA-256 over names and texts. Each is preceded by its length, so that nothing can pass from one to the next unseen.
pub fn digest(files: &Files) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in files.texts().flat_map(|(name, text)| [name, text]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
