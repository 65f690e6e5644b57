//! What the sender posts, judged by the official libraries of other languages: batches parse with the CloudEvents SDK and
//! signatures verify with Standard Webhooks. `tests/sdk` holds the judges; `.ci/run` installs what they need.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use orgbox::{
    clock::Clock,
    upstream::{
        client::{Post, Request},
        preset::Preset,
        reply::{Outcome, Reply},
        sender::Pass,
        settings::{Credentials, Settings},
        sign::SigningKey,
    },
};
use serde_json::{Value, json};

use super::{
    receiver::{Site, settings},
    sending::Home,
    systems::SECRET,
};

/// Takes everything and keeps it as the judges read it.
struct Keeper(Arc<Mutex<Vec<Value>>>);

impl Post for Keeper {
    fn post(&mut self, request: &Request<'_>) -> Outcome {
        let headers: serde_json::Map<String, Value> =
            request.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let body: Value = serde_json::from_slice(request.body).unwrap();
        let named = |event: &Value| json!([event["id"], event["type"], event["subject"]]);
        let events = body.as_array().map(|batch| batch.iter().map(named).collect::<Vec<_>>());
        let text = std::str::from_utf8(request.body).unwrap();
        self.0.lock().unwrap().push(json!({ "headers": headers, "body": text, "events": events }));
        Outcome::Replied(Reply { status: 204, ..Reply::default() })
    }
}

#[test]
fn official_libraries_of_python_take_what_is_sent() {
    let place = place("ORGBOX_SDK_PYTHON", "target/sdk/python");
    let python = place.join("bin/python");
    let mut probe = Command::new(&python);
    probe.args(["-c", "import cloudevents.core, standardwebhooks"]);
    if !runs(&mut probe) {
        return skip("python", "ORGBOX_SDK_PYTHON to a virtual environment");
    }
    judged(Command::new(&python).arg("tests/sdk/check.py"));
}

#[test]
fn official_libraries_of_node_take_what_is_sent() {
    let place = place("ORGBOX_SDK_NODE", "target/sdk/node");
    if !place.join("node_modules/cloudevents").is_dir() || !runs(Command::new("node").arg("--version")) {
        return skip("node", "ORGBOX_SDK_NODE to a folder with node_modules");
    }
    judged(Command::new("node").arg("tests/sdk/check.mjs").arg(&place));
}

/// Hands a judge what the sender posts for every preset that signs or sends CloudEvents, which is each.
#[track_caller]
fn judged(judge: &mut Command) {
    let mut requests = Vec::new();
    for preset in Preset::ALL {
        requests.extend(posted(preset));
    }
    let events: usize =
        requests.iter().map(|request| request["events"].as_array().map_or(0, |events| events.len())).sum();
    assert!(events > 40, "too little to judge");
    let expected = format!("{events} events, {} signatures", requests.len());
    let given = json!({ "secret": SECRET, "requests": requests }).to_string();
    let judge = judge.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut judge = judge.stderr(Stdio::piped()).spawn().unwrap();
    judge.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
    let told = judge.wait_with_output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert_eq!(String::from_utf8_lossy(&told.stdout).trim(), expected);
}

/// The requests of a box that has some organizations, changes some and removes one. By the real time: the libraries refuse
/// old signatures.
fn posted(preset: Preset) -> Vec<Value> {
    let home = Home::with(Clock::system());
    let kept: Arc<Mutex<Vec<Value>>> = Arc::default();
    let credentials = || Credentials { token: None, signing_key: SigningKey::parse(SECRET).ok() };
    let settings = Settings { preset, max_batch_events: 8, ..settings() };
    let (database, post) = (home.folder.path().join("orgbox.db"), Keeper(Arc::clone(&kept)));
    let mut site = Site::with_credentials(&home.store, database, home.clock.clone(), post, settings, credentials);
    let ids = home.create_all((0..12).map(|number| format!("Größe {number} \u{1f4f7} \"x\"")).collect());
    home.rename(ids[2], "Northern\u{2028}\\");
    home.delete(ids[3]);
    loop {
        match site.sender.run_once() {
            Pass::Idle(_) => break,
            // The second that is held back ends of itself.
            Pass::Again | Pass::Wait(_) => std::thread::yield_now(),
        }
    }
    drop(site);
    std::mem::take(&mut *kept.lock().unwrap())
}

fn place(variable: &str, installed: &str) -> PathBuf {
    let installed = || Path::new(env!("CARGO_MANIFEST_DIR")).join(installed);
    env::var_os(variable).map_or_else(installed, PathBuf::from)
}

fn runs(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success())
}

fn skip(language: &str, named: &str) {
    // The macro's output is kept back from who runs the tests; this one is meant for them.
    let hint = format!("skipped: the libraries of {language} are not there; .ci/run installs them, or set {named}\n");
    std::io::stderr().write_all(hint.as_bytes()).unwrap();
}
