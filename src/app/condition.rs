//! How the box stands in one sentence, for whoever has one line: the service manager. It must not know who asks.

use std::sync::Arc;

use super::Running;
use crate::{
    overrides::state::{Standing, State},
    service::Asked,
    store::Health,
    tls::state as tls,
    upstream::link::{Link, State as LinkState},
};

impl Running {
    /// What a service manager is kept informed of.
    pub fn asked(&self) -> Asked {
        let (store, overrides, upstream) = (Arc::clone(&self.store), self.overrides.handle(), self.link.clone());
        let tls = self.tls.handle();
        let addresses: Vec<_> = self.addresses.iter().map(ToString::to_string).collect();
        let serving = format!("Serving on {}", addresses.join(", "));
        let sentence = move || sentence(&serving, store.health(), &overrides.state(), &tls.state(), &upstream.link());
        Asked { pulses: Arc::clone(&self.pulses), sentence: Box::new(sentence) }
    }
}

/// What is most urgent first: a fault of the box; then where it serves, a certificate and files that are not in force, the
/// link upstream.
fn sentence(serving: &str, health: Option<Health>, files: &State, tls: &tls::State, link: &Link) -> String {
    let mut parts = vec![serving.to_owned()];
    if let Some(Health { fault, .. }) = health {
        parts.insert(0, format!("Cannot write ({}): {}", fault.name(), fault.remedy().trim_end_matches('.')));
    }
    match (tls.standing, &tls.certificate) {
        (tls::Standing::Refused, Some(_)) => {
            parts.push("new certificate refused, the last good one is shown".to_owned())
        }
        (tls::Standing::Refused, None) => parts.push("no certificate, TLS handshakes are refused".to_owned()),
        (tls::Standing::Off | tls::Standing::InForce, _) => {}
    }
    match files.standing {
        Standing::NoFile | Standing::InForce => {}
        Standing::Rejected => parts.push(format!("configuration files rejected, {} problems", files.problem_count)),
        standing => parts.push(format!("configuration files {}", standing.name())),
    }
    if !files.waiting_for_restart.is_empty() {
        parts.push(format!("a restart is needed for {}", files.waiting_for_restart.join(", ")));
    }
    match (link.state, &link.why) {
        (LinkState::Off, _) => {}
        (state, Some(why)) => parts.push(format!("upstream {} ({why})", state.name())),
        (state, None) => parts.push(format!("upstream {}", state.name())),
    }
    parts.join("; ")
}
