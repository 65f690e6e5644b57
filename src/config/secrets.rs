//! Secrets: from files that the configuration names, from the credentials directory and from
//! the environment. They are read last, checked, and never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::Environment;
use super::files;
use super::keys::{Field, SECTIONS, join};
use super::problems::{Origin, Problems};
use super::values::Config;
use super::walk::SecretFiles;
use crate::upstream::sign::SigningKey;

/// Longest file of a key, token or password, in bytes.
const MAX_SECRET_BYTES: u64 = 4 << 10;

/// Longest file of certificates, in bytes.
const MAX_PEM_BYTES: u64 = 1 << 20;

/// Longest token of another system, in characters.
const MAX_TOKEN_CHARS: usize = 4000;

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

/// What a secret must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A key of this box, which is compared: long enough not to be guessed.
    Key,
    /// A token of another system, which sets its own rules.
    Token,
    /// A password of this box.
    Password,
    /// `whsec_` and 24 to 64 bytes in base64 \[Standard Webhooks\].
    SigningSecret,
    /// Certificates or a key as PEM.
    Pem,
}

/// Where a secret in force was found, to read it again while the process runs.
#[derive(Clone, Debug)]
struct Found {
    path: PathBuf,
    form: Form,
}

/// Where each secret in force was found, by the dotted name of its key.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<String, Found>);

impl Places {
    /// The secret of this key as its file says now; `None` where the configuration names none.
    ///
    /// # Errors
    /// What is wrong with the file, in a phrase that repeats neither it nor the path.
    pub fn read(&self, name: &str) -> Result<Option<Secret>, String> {
        let read_found = |found: &Found| read(&found.path, found.form).map(Secret);
        self.0.get(name).map(read_found).transpose().map_err(|refusal| format!("the file of `{name}` {refusal}"))
    }

    /// The key and the file of each.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.0.iter().map(|(name, found)| (name.as_str(), found.path.as_path()))
    }
}

/// The text of every secret in force, to keep it out of what is handed on.
pub fn all(config: &Config) -> Vec<Secret> {
    let mut config = config.clone();
    let rows = SECTIONS.iter().flat_map(|section| section.rows);
    let mut secrets: Vec<Secret> = rows
        .filter_map(|row| match &row.field {
            Field::SecretFile { at, .. } => at(&mut config).clone(),
            _ => None,
        })
        .collect();
    secrets.extend(config.admin_password);
    secrets
}

/// The credentials that are looked for, by name.
pub fn credentials() -> Vec<&'static str> {
    let of_keys = SECTIONS.iter().flat_map(|section| section.rows).filter_map(|row| match &row.field {
        Field::SecretFile { credential, .. } | Field::File { credential, .. } => Some(*credential),
        Field::Version
        | Field::Number { .. }
        | Field::Order(_)
        | Field::Flag(_)
        | Field::Text { .. }
        | Field::Path(_)
        | Field::Folder(_)
        | Field::Socket(_)
        | Field::Addresses(_)
        | Field::Words { .. }
        | Field::Names(_)
        | Field::List(_) => None,
    });
    [PASSWORD_CREDENTIAL].into_iter().chain(of_keys).collect()
}

/// Reads the secrets in force into `config`: those of `named` files, and where a key names
/// none, those of the credentials directory.
pub(super) fn resolve(config: &mut Config, named: &SecretFiles, environment: &Environment, problems: &mut Problems) {
    for section in SECTIONS {
        for row in section.rows {
            let Field::SecretFile { credential, form, at } = &row.field else {
                continue;
            };
            let name = join(section.path, row.name);
            if let Some((path, place)) = named.get(&name) {
                // The path is not repeated: it may be the secret itself, set in the wrong place.
                match read(path, *form) {
                    Ok(secret) => {
                        *at(config) = Some(Secret(secret));
                        config.source.secrets.0.insert(name, Found { path: path.clone(), form: *form });
                    }
                    Err(refusal) => problems.place(place.clone(), format!("the file that `{name}` names {refusal}")),
                }
            } else if let Some(secret) = from_credential(credential, *form, environment, problems) {
                let (secret, path) = secret;
                *at(config) = Some(secret);
                config.source.secrets.0.insert(name.clone(), Found { path, form: *form });
                config.origins.set(&name, Origin::Credential(credential));
            }
        }
    }
    admin_password(config, environment, problems);
}

fn admin_password(config: &mut Config, environment: &Environment, problems: &mut Problems) {
    let credential = PASSWORD_CREDENTIAL;
    if let Some((password, _)) = from_credential(credential, Form::Password, environment, problems) {
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

/// The credential of this name and where it lies; `None` if there is none or if it was reported.
fn from_credential(
    name: &str,
    form: Form,
    environment: &Environment,
    problems: &mut Problems,
) -> Option<(Secret, PathBuf)> {
    let path = environment.credentials_directory.as_ref()?.join(name);
    // Only a name that is certainly not there counts as none given.
    if let Ok(false) = path.try_exists()
        && !path.is_symlink()
    {
        return None;
    }
    match read(&path, form) {
        Ok(secret) => Some((Secret(secret), path)),
        Err(refusal) => {
            problems.file(path, format!("the credential {refusal}"));
            None
        }
    }
}

/// The content of a secret file without its last line break, if it has the form.
fn read(path: &Path, form: Form) -> Result<String, String> {
    let bytes = files::bytes(path, if form == Form::Pem { MAX_PEM_BYTES } else { MAX_SECRET_BYTES })?;
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
    match form {
        Form::Key => check_key(&text),
        Form::Token => check_token(&text),
        Form::Password => check_password(&text),
        Form::SigningSecret => check_signing_secret(&text),
        Form::Pem => check_pem(&text),
    }
    .map(|()| text)
}

/// A key travels in an HTTP header, where only visible ASCII arrives as it was sent.
fn check_key(key: &str) -> Result<(), String> {
    if key.len() >= MIN_KEY_CHARS && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(format!("must hold one key of {MIN_KEY_CHARS} or more visible ASCII characters and nothing else"))
}

fn check_token(token: &str) -> Result<(), String> {
    if token.len() <= MAX_TOKEN_CHARS && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(format!("must hold one token of 1 to {MAX_TOKEN_CHARS} visible ASCII characters and nothing else"))
}

fn check_signing_secret(secret: &str) -> Result<(), String> {
    SigningKey::parse(secret).map(drop).map_err(|refusal| format!("{refusal} and nothing else"))
}

fn check_pem(text: &str) -> Result<(), String> {
    if text.contains("-----BEGIN ") && text.contains("-----END ") {
        return Ok(());
    }
    Err("must hold PEM: lines from `-----BEGIN …-----` to `-----END …-----`".to_owned())
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
