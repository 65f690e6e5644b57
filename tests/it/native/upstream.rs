//! What an operator sees and decides of sending to the billing system, over HTTP.

use std::{io::Write as _, sync::mpsc::channel, time::Duration};

use orgbox::{
    model::event::Position,
    ops::{outbox, site},
    store::{outbox as events, upstream},
};
use serde_json::{Value, json};

use crate::support::{Client, TestBox};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";

/// A file with a signing secret.
pub fn secret() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(SECRET.as_bytes()).unwrap();
    file
}

/// Sets aside the first two events of the box, as if the receiver had refused them; the organization's third follows.
pub fn set_aside_first_two(test_box: &TestBox) {
    let parked = test_box.running().store().write(|write| {
        let epoch = site::identity(write)?.unwrap().epoch_uuid;
        let found = events::after(write, Position { epoch, seq: 0 }, 3, usize::MAX)?;
        found[..2].iter().try_for_each(|event| upstream::park(write, event, "the server answers 422: no such plan"))?;
        upstream::follow(write, &found[2])?;
        // Once more, as after a batch that had to be made anew.
        upstream::follow(write, &found[2])
    });
    parked.unwrap();
}

/// Waits until the box keeps events for billing.
pub fn wait_for_epoch(admin: &Client) {
    let (_never, pause) = channel::<()>();
    let open = || admin.get("/orgbox/v1/upstream").expect(200).json()["epoch"].is_string();
    // Nobody sends: this only keeps the looks apart.
    let came = (0..2000).any(|_| open() || pause.recv_timeout(Duration::from_millis(10)).is_ok());
    assert!(came, "no epoch is opened");
}

#[test]
fn all_that_was_set_aside_is_told_again_and_listed_in_pages() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    set_aside_first_two(&test_box);
    let first = admin.get("/orgbox/v1/upstream/parked?limit=1").expect(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    let next = first["next"].as_str().unwrap();
    let second = admin.get(&format!("/orgbox/v1/upstream/parked?limit=1&cursor={next}")).expect(200).json();
    assert_eq!((&second["items"][0]["subject"], &second["next"]), (&json!("organization/1"), &Value::Null));

    let before: i64 = test_box.query("SELECT last_seq FROM site")[0].parse().unwrap();
    assert_eq!(admin.json("POST", "/orgbox/v1/upstream/retry", &json!({})).expect(200).json()["retried"], 2);
    assert_eq!(test_box.query("SELECT count(*) FROM upstream_parked"), ["0"]);
    let told = test_box.query(&format!("SELECT type FROM outbox WHERE seq > {before} ORDER BY seq"));
    assert_eq!(told, ["io.orgbox.user.snapshot.v1", "io.orgbox.organization.snapshot.v1"]);
    let audited = test_box.query("SELECT after FROM audit WHERE subject = 'upstream' ORDER BY id");
    assert_eq!(audited, [r#"{"retried":"user/1"}"#, r#"{"retried":"organization/1"}"#]);
    assert_eq!(admin.get("/orgbox/v1/audit/verify").expect(200).json()["ok"], true);
}

#[test]
fn a_quarantine_is_told_everywhere_and_ended_by_an_operator() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let why = "another box sends under this one's name: one of them is a copy";
    test_box.running().store().write(move |write| outbox::quarantine(write, why)).unwrap();
    let status = admin.get("/orgbox/v1/status").expect(200).json();
    assert_eq!(status["ready"], true, "upstream never makes it unready");
    let ready = test_box.client().get("/readyz?verbose").expect(200).json();
    for told in [&status["upstream"], &ready["upstream"], &admin.get("/orgbox/v1/upstream").expect(200).json()] {
        assert_eq!(told["state"], "quarantined");
        assert!(why.starts_with(told["why"].as_str().unwrap()), "{told}");
        assert!(told["remedy"].as_str().unwrap().contains("new-site"));
    }
    let refused = admin.json("POST", "/orgbox/v1/upstream/resync", &json!({})).expect(409).json();
    assert_eq!(refused["code"], "quarantined");
    let resumed = admin.json("POST", "/orgbox/v1/upstream/resume", &json!({})).expect(200).json();
    assert_eq!(resumed["state"], "off");
    assert!(resumed["epoch_due"].as_str().unwrap().contains(why), "{resumed}");
    assert_eq!(test_box.query("SELECT before FROM audit WHERE subject = 'upstream'").len(), 1);
    assert!(test_box.client().get("/readyz").expect(200).json().get("upstream").is_none());
}

#[test]
fn a_new_site_has_another_name_and_the_trail_tells_both() {
    let test_box = TestBox::start();
    let admin = test_box.admin();
    let site = |told: Value| told["site"].as_str().unwrap().to_owned();
    let before = site(admin.get("/orgbox/v1/upstream").expect(200).json());
    let after = site(admin.json("POST", "/orgbox/v1/upstream/new-site", &json!({})).expect(200).json());
    assert_ne!(before, after);
    assert_eq!(admin.get("/orgbox/v1/site").expect(200).json()["site"], after);
    let audited = test_box.query("SELECT before || after FROM audit WHERE subject = 'upstream'");
    assert_eq!(audited, [format!(r#"{{"site":"{before}"}}{{"site":"{after}"}}"#)]);
}

#[test]
fn the_words_of_a_receiver_are_not_for_everybody() {
    let secret = secret();
    let more = format!("[upstream]\nsigning_secret_file = {:?}\n", secret.path());
    let test_box = TestBox::with(&more);
    wait_for_epoch(&test_box.admin());
    let told = test_box.client().get("/readyz?verbose").expect(200).json()["upstream"].clone();
    assert_eq!((&told["state"], &told["queue"]["events"]), (&json!("exporting"), &Value::Null));
    assert!(told["queue"]["bytes"].as_i64().unwrap() > 0, "{told}");
    let told = test_box.admin().get("/orgbox/v1/upstream").expect(200).json();
    assert_eq!(told["queue"]["events"], 1, "that an epoch begins: {told}");
}
