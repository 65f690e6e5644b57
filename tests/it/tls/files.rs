//! Certificates that somebody else keeps up to date.

use std::{
    fs::{self, rename},
    os::unix::fs::symlink,
    sync::{Arc, mpsc::channel},
    time::Duration,
};

use orgbox::{
    clock::Clock,
    tls::{
        Source,
        edge::{Current, Edge, Outcome},
        state::Standing,
    },
};

use super::{Issued, assert_answers, of_files, shake, shown};
use crate::{
    robust::process,
    support::{
        Client, TestBox,
        test_box::{ADMIN_PASSWORD, NOON_MS},
    },
};

/// A pair that ends so many days from the time of a test box.
fn ending(days_from_noon: i64) -> Issued {
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let noon = rcgen::date_time_ymd(2026, 3, 14) + Duration::from_secs(9 * 3600 + 26 * 60 + 53);
    let days = Duration::from_secs(days_from_noon.unsigned_abs() * 86_400);
    parameters.not_after = if days_from_noon < 0 { noon - days } else { noon + days };
    let key = rcgen::KeyPair::generate().unwrap();
    Issued { certificate: parameters.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

#[test]
fn a_pair_with_a_mistake_changes_nothing_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (good, other) = (Issued::new(), Issued::new());
    let (certificate, key) = good.write(folder.path());
    let current = Arc::new(Current::default());
    let source = Source::Files { certificate: certificate.clone(), key: key.clone() };
    let mut edge = Edge::new(source, Clock::manual(NOON_MS), Arc::clone(&current));
    assert_eq!(edge.begin(), Outcome::Taken);
    assert_eq!(edge.run_once(), Outcome::Unchanged);
    let shown = || current.state().certificate.as_ref().map(|certificate| certificate.fingerprint);
    let mistakes = [
        ("the key does not belong to the first certificate", &other.certificate, &good.key),
        ("the certificate file holds no certificate", &good.key, &good.key),
        ("the key file holds no key", &good.certificate, &good.certificate),
        ("the certificate is no valid PEM", &good.certificate[..200].to_owned(), &good.key),
        ("the certificate file is empty", &String::new(), &good.key),
        (
            "the first certificate cannot be read",
            &"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
            &good.key,
        ),
        ("the certificate file is longer", &"x".repeat(300_000), &good.key),
    ];
    for (problem, new_certificate, new_key) in mistakes {
        fs::write(&certificate, new_certificate).unwrap();
        fs::write(&key, new_key).unwrap();
        // Somebody may still be writing.
        assert_eq!(edge.run_once(), Outcome::Unsettled, "{problem}");
        assert_eq!(edge.run_once(), Outcome::Refused, "{problem}");
        let state = current.state();
        assert!(state.problem.as_ref().unwrap().contains(problem), "{problem}: {:?}", state.problem);
        assert!(!state.remedy(NOON_MS).is_empty());
        assert_eq!((state.standing, shown()), (Standing::Refused, Some(good.fingerprint())), "{problem}");
        assert_eq!(edge.run_once(), Outcome::Unchanged, "{problem}");
    }
    fs::remove_file(&key).unwrap();
    fs::create_dir(&key).unwrap();
    assert_eq!(edge.reload(), Outcome::Refused);
    fs::remove_dir(&key).unwrap();
    other.write(folder.path());
    assert_eq!((edge.run_once(), edge.run_once()), (Outcome::Unsettled, Outcome::Taken));
    assert_eq!((current.state().problem.clone(), shown()), (None, Some(other.fingerprint())));
}

#[test]
fn its_end_is_told_before_and_after_and_it_is_shown_on() {
    for (days, validity, sentence) in [
        (31, "valid", ""),
        (29, "ends_soon", "the certificate ends in 29 days"),
        (-1, "ended", "the certificate ended at "),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let pair = ending(days);
        let test_box = TestBox::with(&of_files(&pair.write(folder.path())));
        let plain = Client::new(test_box.running().plain_addresses[0]);
        let told = plain.get("/readyz?verbose").expect(200).json()["tls"].clone();
        assert_eq!(
            (&told["certificate"]["validity"], &told["certificate"]["days_left"]),
            (&validity.into(), &days.into())
        );
        assert_eq!(told["remedy"] == "", validity == "valid", "{told}");
        let metrics = plain.get("/metrics").expect(200).text;
        let ends = NOON_MS / 1000 + days * 86_400;
        assert!(metrics.contains(&format!("\norgbox_tls_certificate_not_after_timestamp_seconds {ends}")), "{metrics}");
        let status = plain.basic("admin", ADMIN_PASSWORD).get("/orgbox/v1/status").expect(200).json();
        let says = status["attention"].as_array().unwrap().iter().find(|item| item["part"] == "tls");
        let says = says.map(|item| item["says"].as_str().unwrap().to_owned()).unwrap_or_default();
        assert!(says.starts_with(sentence) && says.is_empty() == sentence.is_empty(), "{status}");
        assert!(metrics.contains("\norgbox_tls_state{state=\"in_force\"} 1\n"), "{metrics}");
        // What the clocks of the clients say is theirs to check, and their clock is not the box's.
        assert_eq!(test_box.running().tls().state().certificate.as_ref().unwrap().fingerprint, pair.fingerprint());
    }
}

#[test]
fn a_box_without_a_good_pair_starts_and_takes_the_next_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let files = (folder.path().join("fullchain.pem"), folder.path().join("privkey.pem"));
    let test_box = TestBox::with(&of_files(&files));
    let address = test_box.running().addresses[0];
    let pair = Issued::new();
    assert!(shake(address, &[&pair.certificate]).is_err());
    let plain = Client::new(test_box.running().plain_addresses[0]);
    assert_eq!(plain.get("/readyz?verbose").expect(200).json()["tls"]["standing"], "refused");
    pair.write(folder.path());
    test_box.running().tls().reload();
    let mut stream = until(|| shake(address, &[&pair.certificate]).ok());
    assert_answers(&mut stream);
}

#[test]
fn a_link_that_is_turned_is_followed_without_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = [Issued::new(), Issued::new()];
    for (pair, name) in pairs.iter().zip(["one", "two"]) {
        fs::create_dir(folder.path().join(name)).unwrap();
        pair.write(&folder.path().join(name));
    }
    let live = folder.path().join("live");
    symlink("one", &live).unwrap();
    // The connection that is opened first says nothing for as long as it takes until the turn is noticed.
    let patient = "[limits]\nheader_timeout_seconds = 60\n";
    let files = of_files(&(live.join("fullchain.pem"), live.join("privkey.pem")));
    let server = process::start(folder.path(), &(files + patient));
    let address = server.tls_address.unwrap();
    let trusted = [pairs[0].certificate.as_str(), pairs[1].certificate.as_str()];
    let mut open = shake(address, &trusted).unwrap();
    assert_eq!(shown(&open), pairs[0].fingerprint());
    symlink("two", folder.path().join("new")).unwrap();
    rename(folder.path().join("new"), &live).unwrap();
    until(|| shake(address, &trusted).ok().filter(|stream| shown(stream) == pairs[1].fingerprint()));
    assert_answers(&mut open);
    // A signal is as good: what it finds wrong is told.
    fs::write(live.join("privkey.pem"), "nonsense").unwrap();
    server.signal("HUP");
    until(|| server.log().contains("the certificate cannot be used: the key file holds no key").then_some(()));
}

#[test]
fn a_box_that_shall_take_files_and_is_told_of_none_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let (status, log) = process::refused(folder.path(), "[server.tls]\nmode = \"files\"\n");
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(log.contains("certificate_file names no file"), "{log}");
}

/// Tries again until it is there, for a minute at most.
fn until<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let (_never, pause) = channel::<()>();
    for _ in 0..1200 {
        if let Some(found) = attempt() {
            return found;
        }
        // Nobody sends: this only keeps the attempts apart.
        assert!(pause.recv_timeout(Duration::from_millis(50)).is_err());
    }
    panic!("it does not come");
}
