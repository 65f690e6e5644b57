//! Secrets: from files that the configuration names, from the credentials directory and from
//! the environment. They are read last, checked, and never shown.

use std::fmt;
use std::path::Path;

use super::Environment;
use super::files;
use super::keys::{Field, SECTIONS, join};
use super::problems::{Origin, Problems};
use super::values::Config;
use super::walk::SecretFiles;

/// Longest secret file, in bytes.
const MAX_SECRET_BYTES: u64 = 4 << 10;

/// Shortest system key, in characters.
const MIN_KEY_CHARS: usize = 16;

/// Shortest and longest administrator password, in bytes.
const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=1024;

const PASSWORD_CREDENTIAL: &str = "admin-password";
const PASSWORD_VARIABLE: &str = "ORGBOX_ADMIN_PASSWORD";

/// A text that shows itself only when asked with [`Secret::expose`].
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for comparing, hashing and sending, never for a message.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

/// Reads the secrets in force into `config`: those of `named` files, and where a key names
/// none, those of the credentials directory.
pub(super) fn resolve(config: &mut Config, named: &SecretFiles, environment: &Environment, problems: &mut Problems) {
    for section in SECTIONS {
        for row in section.rows {
            let Field::SecretFile { credential, at } = &row.field else {
                continue;
            };
            let name = join(section.path, row.name);
            if let Some((path, place)) = named.get(&name) {
                // The path is not repeated: it may be the secret itself, set in the wrong place.
                match read(path).and_then(|secret| check_key(&secret).map(|()| secret)) {
                    Ok(secret) => *at(config) = Some(Secret(secret)),
                    Err(refusal) => problems.place(place.clone(), format!("the file that `{name}` names {refusal}")),
                }
            } else if let Some(secret) = from_credential(credential, check_key, environment, problems) {
                *at(config) = Some(secret);
                config.origins.set(&name, Origin::Credential(credential));
            }
        }
    }
    admin_password(config, environment, problems);
}

fn admin_password(config: &mut Config, environment: &Environment, problems: &mut Problems) {
    let credential = PASSWORD_CREDENTIAL;
    if let Some(password) = from_credential(credential, check_password, environment, problems) {
        config.admin_password = Some(password);
        config.origins.set("admin_password", Origin::Credential(credential));
    } else if let Some(password) = &environment.admin_password {
        if let Err(refusal) = check_password(password) {
            problems.process(format!("the environment variable {PASSWORD_VARIABLE} {refusal}"));
        }
        config.admin_password = Some(Secret::new(password));
        config.origins.set("admin_password", Origin::Environment(PASSWORD_VARIABLE));
    }
}

/// The credential of this name; `None` if there is none or if it was reported.
fn from_credential(
    name: &str,
    check: fn(&str) -> Result<(), String>,
    environment: &Environment,
    problems: &mut Problems,
) -> Option<Secret> {
    let path = environment.credentials_directory.as_ref()?.join(name);
    // Only a name that is certainly not there counts as none given.
    if let Ok(false) = path.try_exists()
        && !path.is_symlink()
    {
        return None;
    }
    match read(&path).and_then(|secret| check(&secret).map(|()| secret)) {
        Ok(secret) => Some(Secret(secret)),
        Err(refusal) => {
            problems.file(path, format!("the credential {refusal}"));
            None
        }
    }
}

/// The content of a secret file without its last line break.
fn read(path: &Path) -> Result<String, String> {
    let bytes = files::bytes(path, MAX_SECRET_BYTES)?;
    let mut text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    Ok(text)
}

/// A key travels in an HTTP header, where only visible ASCII arrives as it was sent.
fn check_key(key: &str) -> Result<(), String> {
    if key.len() >= MIN_KEY_CHARS && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(format!("must hold one key of {MIN_KEY_CHARS} or more visible ASCII characters and nothing else"))
}

fn check_password(password: &str) -> Result<(), String> {
    if password.contains(char::REPLACEMENT_CHARACTER) {
        return Err("is not UTF-8 text".to_owned());
    }
    if PASSWORD_BYTES.contains(&password.len()) {
        return Ok(());
    }
    Err(format!("must hold a password of {} to {} bytes", PASSWORD_BYTES.start(), PASSWORD_BYTES.end()))
}
