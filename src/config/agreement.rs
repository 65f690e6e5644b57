//! What keys must be beside each other. What each must be by itself stands in the table of keys.

use super::problems::{Origin, Problems};
use super::url::Url;
use super::values::Config;

/// Reports keys that do not go together.
pub(super) fn check(config: &Config, problems: &mut Problems) {
    let upstream = &config.upstream;
    if !upstream.allow_plain_http && Url::parse(&upstream.url).is_some_and(|url| url.is_exposed()) {
        let message = "`upstream.url` must begin with https:// unless it names this machine; or set \
                       `allow_plain_http = true` where the way there is safe otherwise";
        report(config, "upstream.url", message, problems);
    }
    if upstream.backoff_cap_ms < upstream.backoff_base_ms {
        let message = "`upstream.backoff_cap_ms` must not be less than `upstream.backoff_base_ms`";
        let names = ["upstream.backoff_cap_ms", "upstream.backoff_base_ms"];
        let name = names.into_iter().find(|name| config.origins.get(name) != Origin::Default);
        report(config, name.unwrap_or_default(), message, problems);
    }
}

/// As [`check`], once the secrets are read.
pub(super) fn check_secrets(config: &Config, problems: &mut Problems) {
    let (cert, key) = ("upstream.client_cert_file", "upstream.client_key_file");
    let (there, missing) = match (&config.upstream.client_cert, &config.upstream.client_key) {
        (Some(_), None) => (cert, key),
        (None, Some(_)) => (key, cert),
        (None, None) | (Some(_), Some(_)) => return,
    };
    // A file that could not be read has been reported.
    if config.origins.get(missing) == Origin::Default {
        report(config, there, &format!("`{there}` needs `{missing}` beside it"), problems);
    }
}

fn report(config: &Config, name: &str, message: &str, problems: &mut Problems) {
    match config.origins.get(name) {
        Origin::File(place) => problems.place(place, message.to_owned()),
        _ => problems.process(message.to_owned()),
    }
}
