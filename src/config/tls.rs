//! The certificate's files: where they are, named or handed over as credentials. What stands in them is read elsewhere, again
//! and again, because they change while the box runs.

use super::Environment;
use super::keys::{Field, SECTIONS, join};
use super::problems::{Origin, Problems};
use super::values::Config;

/// The credential with the certificate.
pub(super) const CERTIFICATE: &str = "tls-certificate";

/// The credential with the key.
pub(super) const KEY: &str = "tls-key";

/// Takes the credentials for files that the configuration does not name, and reports where one is missing.
pub(super) fn resolve(config: &mut Config, environment: &Environment, problems: &mut Problems) {
    for section in SECTIONS {
        for row in section.rows {
            let Field::File { credential, at } = &row.field else { continue };
            let credentials = environment.credentials_directory.as_ref();
            let handed_over = credentials.map(|folder| folder.join(credential)).filter(|path| path.exists());
            if at(config).is_none()
                && let Some(path) = handed_over
            {
                *at(config) = Some(path);
                config.origins.set(&join(section.path, row.name), Origin::Credential(credential));
            }
            if at(config).is_none() && config.server.tls.mode == "files" {
                let message = format!(
                    "`server.tls.mode` is \"files\", so `{}` must name a file, or a credential `{credential}` be there",
                    row.name
                );
                match config.origins.get("server.tls.mode") {
                    Origin::File(place) => problems.place(place, message),
                    Origin::Default | Origin::Credential(_) | Origin::Environment(_) => problems.process(message),
                }
            }
        }
    }
}
