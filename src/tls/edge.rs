//! One look at the files: read them, and where they have changed and are in order, show their certificate from now on.
//! What is wrong with them changes nothing and is told. It must not know what wakes it.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};

use super::{
    Refusal, Source, own,
    pair::Pair,
    state::{Certificate, Standing, State, Validity},
};
use crate::clock::Clock;

/// Longest file of certificates or of a key, in bytes.
const FILE_BYTES_MAX: u64 = 256 << 10;

/// What one look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The files are as they were.
    Unchanged,
    /// They have changed since the last look; the next one decides, if they stay as they are now.
    Unsettled,
    /// Their certificate is shown since now.
    Taken,
    /// They cannot be used; what was shown is shown on.
    Refused,
}

/// What handshakes take: the current certificate with its key, and what is told of it.
#[derive(Default)]
pub struct Current {
    key: RwLock<Option<Arc<CertifiedKey>>>,
    state: RwLock<Arc<State>>,
}

/// The files, and what is known of them.
pub struct Edge {
    source: Source,
    clock: Clock,
    current: Arc<Current>,
    /// What the last look made a decision about.
    seen: Option<Digest256>,
    /// What the last look found and left to settle.
    before: Option<Digest256>,
    /// What has been logged of the certificate's time.
    told: Option<Validity>,
}

type Digest256 = [u8; 32];

/// The text of both files, or why there is none: the certificate, and the key.
struct Reading {
    certificate: Result<Vec<u8>, String>,
    key: Result<Vec<u8>, String>,
}

impl Current {
    /// How it stands.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl std::fmt::Debug for Current {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.state().fmt(formatter)
    }
}

impl Edge {
    /// For the files of a source. Reads nothing yet.
    pub fn new(source: Source, clock: Clock, current: Arc<Current>) -> Self {
        Self { source, clock, current, seen: None, before: None, told: None }
    }

    /// The first look. Where the box makes its own certificate and has none, or has one of which a worn disk has left
    /// nothing that can be used, it makes one: nobody may be there to ask for it.
    pub fn begin(&mut self) -> Outcome {
        if let Source::Own(settings) = &self.source {
            let found = read(&settings.file);
            let lost = match &found {
                Ok(pem) => Pair::read(pem, pem).err(),
                Err(_) if is_missing(&settings.file) => Some("there is none yet".to_owned()),
                Err(_) => None,
            };
            if let Some(reason) = lost {
                let file = settings.file.display();
                match own::renew(settings) {
                    Ok(_) => tracing::info!(%file, reason, "the box has made its own certificate"),
                    Err(error) => tracing::error!(reason, "the box could not make its own certificate: {error}"),
                }
            }
        }
        self.reload()
    }

    /// Looks at the files once, and decides about a change once they have stayed as they are for two looks.
    pub fn run_once(&mut self) -> Outcome {
        let reading = self.source.read();
        let seen = reading.digest();
        if self.seen == Some(seen) {
            self.before = None;
            self.tell_validity();
            return Outcome::Unchanged;
        }
        if self.before != Some(seen) {
            self.before = Some(seen);
            return Outcome::Unsettled;
        }
        self.decide(&reading, seen)
    }

    /// Looks at the files and decides at once, also about what was decided before.
    pub fn reload(&mut self) -> Outcome {
        let reading = self.source.read();
        let seen = reading.digest();
        self.decide(&reading, seen)
    }

    /// Makes a new certificate of the box's own and shows it.
    pub(super) fn renew(&mut self) -> Result<Arc<Certificate>, Refusal> {
        let Source::Own(settings) = &self.source else {
            return Err(Refusal::NotOurs(
                "the certificate comes from [server.tls] certificate_file and key_file: replace these, they are taken at once",
            ));
        };
        own::renew(settings).map_err(|error| {
            tracing::error!("a new certificate could not be made: {error}");
            Refusal::Failed(error)
        })?;
        self.reload();
        let state = self.current.state();
        let problem = || state.problem.clone().unwrap_or_default();
        state.certificate.clone().filter(|_| state.problem.is_none()).ok_or_else(|| Refusal::Failed(problem()))
    }

    fn decide(&mut self, reading: &Reading, seen: Digest256) -> Outcome {
        let is_news = self.seen.replace(seen) != Some(seen);
        self.before = None;
        let outcome = match reading.pair() {
            Ok(pair) => self.take(pair),
            Err(problem) => self.refuse(problem, is_news),
        };
        self.tell_validity();
        outcome
    }

    fn take(&mut self, Pair { key, certificate }: Pair) -> Outcome {
        let known = self.current.state();
        let same = known.certificate.as_ref() == Some(&certificate);
        if same && known.standing == Standing::InForce {
            return Outcome::Unchanged;
        }
        *self.current.key.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
        if same {
            tracing::info!("the certificate's files are in order again");
        } else {
            let (fingerprint, names) = (certificate.fingerprint_text(), certificate.names.join(" "));
            tracing::info!(fingerprint, names, source = self.source.name(), "handshakes take this certificate");
            self.told = None;
        }
        self.stand(Standing::InForce, None, Some(certificate));
        Outcome::Taken
    }

    fn refuse(&mut self, problem: String, is_news: bool) -> Outcome {
        let certificate = self.current.state().certificate.clone();
        if is_news {
            let now = if certificate.is_some() { "the last good one is shown on" } else { "handshakes are refused" };
            tracing::error!("the certificate cannot be used: {problem}; {now}");
        }
        self.stand(Standing::Refused, Some(problem), certificate);
        Outcome::Refused
    }

    fn stand(&self, standing: Standing, problem: Option<String>, certificate: Option<Arc<Certificate>>) {
        let known = self.current.state();
        let same = known.standing == standing && known.certificate == certificate;
        let since_ms = if same { known.since_ms } else { self.clock.now_ms() };
        let state = State { standing, source: self.source.name(), since_ms, problem, certificate };
        *self.current.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    /// Logs that the certificate's time comes to its end, once for each stage.
    fn tell_validity(&mut self) {
        let state = self.current.state();
        let Some(certificate) = &state.certificate else { return };
        let now_ms = self.clock.now_ms();
        let validity = certificate.validity(now_ms);
        if self.told.replace(validity) == Some(validity) {
            return;
        }
        let (remedy, days) = (state.remedy(now_ms), certificate.days_left(now_ms));
        match validity {
            Validity::Valid => {}
            Validity::EndsSoon => tracing::warn!(remedy, "the certificate ends in {days} days"),
            Validity::Ended => tracing::error!(remedy, "the certificate has ended and is shown all the same"),
            Validity::NotYet => tracing::warn!(remedy, "the certificate has not begun by the clock of the box"),
        }
    }
}

impl Source {
    /// How its files stand, for somebody who only looks: nothing is taken, made or logged. `None` where the box makes its
    /// own certificate and has not yet.
    pub fn look(&self, now_ms: i64) -> Option<State> {
        if matches!(self, Source::Own(settings) if is_missing(&settings.file)) {
            return None;
        }
        let (standing, problem, certificate) = match self.read().pair() {
            Ok(Pair { certificate, key: _ }) => (Standing::InForce, None, Some(certificate)),
            Err(problem) => (Standing::Refused, Some(problem), None),
        };
        Some(State { standing, source: self.name(), since_ms: now_ms, problem, certificate })
    }

    fn read(&self) -> Reading {
        match self {
            Source::Files { certificate, key } => Reading { certificate: read(certificate), key: read(key) },
            Source::Own(settings) => {
                let both = read(&settings.file);
                Reading { certificate: both.clone(), key: both }
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Source::Files { .. } => "files",
            Source::Own(_) => "self-signed",
        }
    }
}

impl Reading {
    fn pair(&self) -> Result<Pair, String> {
        let certificate = self.certificate.as_ref().map_err(|problem| format!("the certificate file {problem}"))?;
        let key = self.key.as_ref().map_err(|problem| format!("the key file {problem}"))?;
        Pair::read(certificate, key)
    }

    /// SHA-256 over all that was found, so that no key is kept here to be compared.
    fn digest(&self) -> Digest256 {
        let mut digest = Sha256::new();
        for part in [&self.certificate, &self.key] {
            let (sign, bytes) = match part {
                Ok(bytes) => (0, bytes.as_slice()),
                Err(problem) => (1, problem.as_bytes()),
            };
            digest.update([sign]);
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        }
        digest.finalize().into()
    }
}

fn is_missing(file: &Path) -> bool {
    matches!(file.try_exists(), Ok(false)) || fs::metadata(file).is_ok_and(|file| file.is_file() && file.len() == 0)
}

/// The content of a file, or why there is none, to follow the file's name.
fn read(file: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    // Asked before it is opened, because opening a pipe waits for its writer.
    if !fs::metadata(file).map_err(cannot)?.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let mut content = Vec::new();
    File::open(file).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content)).map_err(cannot)?;
    match content.len() as u64 {
        0 => Err("is empty".to_owned()),
        1..=FILE_BYTES_MAX => Ok(content),
        _ => Err(format!("is longer than {FILE_BYTES_MAX} bytes")),
    }
}
