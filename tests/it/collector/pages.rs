//! What is shown, page by page.

use serde_json::Value;

use super::{Collector, Site};

/// Everything in a list, in pages of this many.
fn walk(collector: &Collector, path: &str, limit: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let joint = if path.contains('?') { '&' } else { '?' };
    let mut next = format!("{path}{joint}limit={limit}");
    loop {
        let page = collector.client().get(&next).expect(200).json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        found.extend(items.iter().cloned());
        let Some(cursor) = page["next"].as_str() else { return found };
        assert_eq!(items.len(), limit);
        next = format!("{path}{joint}limit={limit}&cursor={cursor}");
    }
}

fn texts(items: &[Value], key: &str) -> Vec<String> {
    items.iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lists_come_in_pages() {
    let collector = Collector::start();
    let mut sites: Vec<Site> = (1..=3).map(|number| Site::started(&collector, number)).collect();
    let names: Vec<String> = sites.iter().map(|site| site.uuid.to_string()).collect();
    let site = &mut sites[0];
    let events: Vec<Value> = (10..=16).map(|id| site.updated(&format!("camera/{id}"), 1, "Gate")).collect();
    site.send(&collector, &events).expect(200);
    for limit in [1, 2, 3, 7, 100] {
        assert_eq!(texts(&walk(&collector, "/sites", limit), "site"), names);
        let cameras = walk(&collector, &format!("/sites/{}/cameras", names[0]), limit);
        let expected: Vec<String> = (10..=16).map(|id| format!("camera/{id}")).collect();
        assert_eq!(texts(&cameras, "subject"), expected);
    }
    assert!(walk(&collector, &format!("/sites/{}/members", names[0]), 5).is_empty());
}

#[test]
fn the_history_is_the_newest_first() {
    let collector = Collector::start();
    let (mut one, mut other) = (Site::started(&collector, 1), Site::started(&collector, 2));
    for version in 1..=3 {
        let events = vec![one.updated("organization/1", version, "A"), one.updated("camera/1", version, "B")];
        one.send(&collector, &events).expect(200);
        let events = vec![other.updated("organization/1", version, "C")];
        other.send(&collector, &events).expect(200);
    }
    let old = one.updated("organization/1", 2, "A");
    one.send(&collector, std::slice::from_ref(&old)).expect(200);
    for limit in [1, 4, 100] {
        assert_eq!(walk(&collector, "/events", limit).len(), 4 + 9 + 1);
        let of_one = walk(&collector, &format!("/events?site={}&subject=organization/1", one.uuid), limit);
        let outcomes = texts(&of_one, "outcome");
        assert_eq!(outcomes, ["ignored", "applied", "applied", "applied"]);
        assert_eq!(of_one[0]["event"], old);
        assert_eq!(of_one[0]["epoch"], one.epoch.to_string());
        let versions: Vec<_> = of_one.iter().map(|item| item["event"]["obxver"].as_str().unwrap()).collect();
        assert_eq!(versions, ["2", "3", "2", "1"]);
        assert_eq!(walk(&collector, "/events?subject=organization/1", limit).len(), 7);
        assert_eq!(walk(&collector, &format!("/events?site={}", other.uuid), limit).len(), 5);
        assert!(walk(&collector, "/events?site=nowhere", limit).is_empty());
    }
}
