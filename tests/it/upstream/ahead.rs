//! The next batch is frozen with the delivery before it: a long row costs one commit a batch, and what an operator does
//! between two batches still counts.

use std::sync::{Arc, Mutex};

use orgbox::{
    ops::outbox,
    upstream::{high_water, sender::Pass, settings::Settings},
};

use super::{
    receiver::{Fate, Receiver, settings},
    sending::Home,
};

#[test]
fn a_long_row_of_batches_costs_one_commit_each() {
    let (home, receiver) = (Home::new(), Receiver::new(|_, _| Fate::Take));
    let mut site = home.site_with(&receiver, Settings { max_batch_events: 10, ..settings() });
    site.drain();
    home.create_all((0..400).map(|number| format!("Organization {number}")).collect());
    let (commits, requests) = (home.store.statistics().batches, receiver.requests());
    site.drain();
    let commits = home.store.statistics().batches - commits;
    let requests = (receiver.requests() - requests) as u64;
    assert_eq!(requests, 40);
    // One more freezes the first, and two look for what is left at the end.
    assert!(commits <= requests + 3, "{commits} commits for {requests} batches");
    assert_eq!(Home::titles(&receiver).len(), 401);
}

#[test]
fn a_batch_of_an_epoch_that_ended_meanwhile_is_not_sent() {
    let home = Home::new();
    let epochs: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&epochs);
    let receiver = Receiver::new(move |_, events| {
        let named = events.iter().map(|event| event["obxepoch"].as_str().unwrap().to_owned());
        seen.lock().unwrap().extend(named);
        Fate::Take
    });
    let mut site = home.site_with(&receiver, Settings { max_batch_events: 10, ..settings() });
    site.drain();
    home.create_all((0..100).map(|number| format!("Organization {number}")).collect());
    let before = receiver.requests();
    while receiver.requests() < before + 3 {
        assert_eq!(site.sender.run_once(), Pass::Again);
    }
    epochs.lock().unwrap().clear();
    let fingerprint =
        high_water::fingerprint(&home.folder.path().join("orgbox.db"), "cloudevents http://127.0.0.1:9/").unwrap();
    let epoch = home.store.write(move |write| outbox::open_epoch(write, "the operator says so", &fingerprint)).unwrap();
    site.settle(5);
    assert_eq!(Home::titles(&receiver).len(), 101);
    let epoch = epoch.hyphenated().to_string();
    assert!(epochs.lock().unwrap().iter().all(|seen| *seen == epoch), "something of the old epoch was sent");
}
