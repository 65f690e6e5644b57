//! Guessing passwords is slowed down; whoever knows them is not kept out.

use std::sync::{Arc, Barrier};

use orgbox::{
    app,
    clock::Clock,
    config::{self, Environment},
    model::actor::Who,
    ops::{password, user},
};

use crate::support::{
    Answer, Client, TestBox,
    bare::new_user,
    test_box::{ADMIN_PASSWORD, NOON_MS},
};

/// Failures of one account from one address that cost nothing.
const FREE: usize = 5;

#[test]
fn after_some_wrong_passwords_the_next_attempt_must_wait() {
    let test_box = TestBox::start();
    ann(&test_box);
    let client = test_box.client();
    for _ in 0..FREE {
        attempt(&client, "ann", "wrong").expect(401);
    }
    let refused = attempt(&client, "ann", "wrong").expect(429);
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.json()["error"]["status"], 429);
    attempt(&client, "ann", "her password").expect(429);
    attempt(&client, "admin", ADMIN_PASSWORD).expect(200);

    test_box.clock.advance_ms(wait * 1000);
    attempt(&client, "ann", "her password").expect(200);
    attempt(&client, "ann", "wrong").expect(401);
}

#[test]
fn the_wait_grows_but_stays_bearable() {
    let test_box = TestBox::start();
    let client = test_box.client();
    for _ in 0..FREE {
        attempt(&client, "ann", "wrong").expect(401);
    }
    let mut last = 0;
    for _ in 0..10 {
        let wait: i64 = attempt(&client, "ann", "wrong").expect(429).header("retry-after").parse().unwrap();
        assert!(wait >= last && wait <= 61, "{wait} after {last}");
        last = wait;
        test_box.clock.advance_ms(wait * 1000);
        attempt(&client, "ann", "wrong").expect(401);
    }
    assert!(last > 30, "{last}");
}

#[test]
fn a_credential_that_was_verified_lately_passes_meanwhile() {
    let test_box = TestBox::start();
    ann(&test_box);
    let client = test_box.client();
    attempt(&client, "ann", "her password").expect(200);
    for _ in 0..FREE {
        attempt(&client, "ann", "wrong").expect(401);
    }
    attempt(&client, "ann", "wrong").expect(429);
    for _ in 0..20 {
        let client = client.with("connection", "close");
        attempt(&client, "ann", "her password").expect(200);
    }
}

#[test]
fn another_address_is_not_made_to_wait() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "version = 1\n[server]\nlisten = [\"127.0.0.1:0\", \"[::1]:0\"]\n").unwrap();
    let environment = Environment { admin_password: Some(ADMIN_PASSWORD.to_owned()), ..Environment::default() };
    let mut config = config::load(Some(&file), &environment).unwrap_or_else(|problems| panic!("{problems}"));
    config.database.path = folder.path().join("orgbox.db");
    let running = match app::start(&config, Clock::manual(NOON_MS)) {
        Ok(running) => running,
        Err(app::StartError::Listen { .. }) => return println!("skipped: no IPv6 here"),
        Err(error) => panic!("{error}"),
    };
    let [here, there] = [0, 1].map(|place| Client::new(running.addresses[place]));
    for _ in 0..FREE {
        attempt(&here, "admin", "wrong").expect(401);
    }
    attempt(&here, "admin", ADMIN_PASSWORD).expect(429);
    attempt(&there, "admin", "wrong").expect(401);
    attempt(&there, "admin", ADMIN_PASSWORD).expect(200);
    running.stop();
}

#[test]
fn unknown_users_are_treated_as_known_ones() {
    let test_box = TestBox::start();
    ann(&test_box);
    let client = test_box.client();
    for number in 0..FREE + 2 {
        let (known, unknown) = (attempt(&client, "ann", "wrong"), attempt(&client, "nobody", "wrong"));
        assert_eq!(known.status, if number < FREE { 401 } else { 429 });
        assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
        assert_eq!(known.header("retry-after"), unknown.header("retry-after"));
        assert_eq!(known.header("www-authenticate"), unknown.header("www-authenticate"));
    }
}

#[test]
fn a_password_of_an_unknown_user_costs_a_hash_too() {
    // Only hashing has so short a queue: being turned away from it shows that a hash was on its way.
    let test_box = TestBox::with("[limits]\npassword_hash_queue = 1\n");
    let together = Arc::new(Barrier::new(24));
    let attempts: Vec<_> = (0..24)
        .map(|number| {
            let (client, together) = (test_box.client(), Arc::clone(&together));
            std::thread::spawn(move || {
                together.wait();
                attempt(&client, &format!("nobody {number}"), "wrong").status
            })
        })
        .collect();
    let statuses: Vec<u16> = attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect();
    assert!(statuses.iter().all(|status| [401, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&503) && statuses.contains(&401), "{statuses:?}");
}

fn ann(test_box: &TestBox) {
    let mut new = new_user("ann");
    new.password_hash = Some(password::hash("her password").unwrap());
    test_box.running().store().write(move |write| user::create(write, &Who::command_line(), &new)).unwrap();
}

fn attempt(client: &Client, login: &str, password: &str) -> Answer {
    client.basic(login, password).get("/api/v1/orgs")
}
