//! The box's own certificate: made of a new key, signed with it, and kept in one file that only the box can read.
//!
//! Certificate and key are one file, so that no power cut leaves one without the other.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    net::IpAddr,
    os::unix::fs::{MetadataExt, OpenOptionsExt, chown},
    path::{Path, PathBuf},
    time::Duration,
};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType, SerialNumber, date_time_ymd,
};

use super::hosts;

/// Only the box may read it.
const FILE_MODE: u32 = 0o600;

/// Random bytes of a serial number; the standard allows 20, with a sign.
const SERIAL_BYTES: usize = 16;

/// Longest common name \[X.520\].
const COMMON_NAME_MAX: usize = 64;

/// Names and addresses that one certificate holds.
const NAMES_MAX: usize = 100;

/// How the box makes its own certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where it is kept, with its key.
    pub file: PathBuf,
    /// The database: whoever owns that owns the certificate.
    pub database: PathBuf,
    /// Host names and addresses that it is for beside those of the machine.
    pub names: Vec<String>,
    /// The addresses that are listened on.
    pub addresses: Vec<IpAddr>,
}

/// Makes a certificate with a new key and keeps both in place of the former. Returns their PEM.
pub(super) fn renew(settings: &Settings) -> Result<String, String> {
    let pem = make(settings)?;
    keep(settings, &pem).map_err(|error| format!("{}: {error}", settings.file.display()))?;
    Ok(pem)
}

/// A certificate and its key in PEM.
///
/// Its time depends on no clock. The clock of such a box may stand in 1970 when the certificate is made, while those of its
/// clients are right: reckoned from that clock it would have ended long ago. The clocks of cameras may stand in 1970 when
/// they look at it: it has begun by then, a second after midnight, because some programs take zero for "no time". And it
/// ends with the last moment that has a two-digit year, which every program reads alike. Nothing is gained by an earlier
/// end: whoever trusts a certificate that nobody vouches for trusts its fingerprint, and `orgbox cert renew` ends that.
fn make(settings: &Settings) -> Result<String, String> {
    let failed = |error: rcgen::Error| error.to_string();
    let mut serial = [0; SERIAL_BYTES];
    getrandom::fill(&mut serial).map_err(|error| error.to_string())?;
    // A first bit would make it negative, a zero shorter than it may be.
    serial[0] = serial[0] & 0x7f | 0x40;
    let names = names(settings);
    let called = names.iter().find_map(|name| match name {
        SanType::DnsName(name) if name.as_str().len() <= COMMON_NAME_MAX => Some(name.as_str().to_owned()),
        _ => None,
    });
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, "orgbox");
    subject.push(DnType::CommonName, called.unwrap_or_else(|| "orgbox".to_owned()));
    let mut parameters = CertificateParams::default();
    parameters.not_before = date_time_ymd(1970, 1, 1) + Duration::from_secs(1);
    parameters.not_after = date_time_ymd(2050, 1, 1) - Duration::from_secs(1);
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    parameters.subject_alt_names = names;
    parameters.distinguished_name = subject;
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let certificate = parameters.self_signed(&key).map_err(failed)?;
    Ok(format!("{}{}", certificate.pem(), key.serialize_pem()))
}

/// What the certificate is for, each once: configured names first, then those of the machine.
fn names(settings: &Settings) -> Vec<SanType> {
    let given = |name: &String| match name.parse::<IpAddr>() {
        Ok(address) => Some(SanType::IpAddress(address)),
        Err(_) => Some(SanType::DnsName(name.as_str().try_into().ok()?)),
    };
    let listened = settings.addresses.iter().filter(|address| !address.is_unspecified()).copied();
    let addresses = listened.chain(hosts::addresses()).map(|address| SanType::IpAddress(address.to_canonical()));
    let mut names: Vec<SanType> = Vec::new();
    for name in settings.names.iter().filter_map(given).chain(hosts::names().iter().filter_map(given)).chain(addresses)
    {
        if names.len() < NAMES_MAX && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Puts the file in its place whole or not at all, and on disk.
fn keep(settings: &Settings, pem: &str) -> io::Result<()> {
    let Settings { file, database, .. } = settings;
    let mut new = file.clone().into_os_string();
    new.push(".new");
    let new = Path::new(&new);
    // What a start that was cut off has left.
    match fs::remove_file(new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut written = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(new)?;
    written.write_all(pem.as_bytes())?;
    // A command may be run as root, and the box that reads the file is not.
    if let (Ok(owner), Ok(made)) = (fs::metadata(database), written.metadata())
        && (owner.uid(), owner.gid()) != (made.uid(), made.gid())
    {
        chown(new, Some(owner.uid()), Some(owner.gid()))?;
    }
    written.sync_all()?;
    fs::rename(new, file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
