//! The certificate's files: where they are, named or handed over as credentials. What stands in them is read elsewhere, again
//! and again, because they change while the box runs.
//!
//! That a file is missing is found at the start and not here: a command beside a running box has no credentials, and does
//! without.

use super::Environment;
use super::keys::{Field, SECTIONS, join};
use super::problems::Origin;
use super::values::Config;

/// The credential with the certificate.
pub(super) const CERTIFICATE: &str = "tls-certificate";

/// The credential with the key.
pub(super) const KEY: &str = "tls-key";

/// Takes the credentials for files that the configuration does not name.
pub(super) fn resolve(config: &mut Config, environment: &Environment) {
    let Some(folder) = &environment.credentials_directory else { return };
    for section in SECTIONS {
        for row in section.rows {
            let Field::File { credential, at } = &row.field else { continue };
            let path = folder.join(credential);
            if at(config).is_none() && path.exists() {
                *at(config) = Some(path);
                config.origins.set(&join(section.path, row.name), Origin::Credential(credential));
            }
        }
    }
}
