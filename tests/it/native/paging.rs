//! Pages while rows change: what was there all along is shown once, whatever comes and goes between two pages.

use std::collections::BTreeMap;

use orgbox::{
    model::{
        OrgId, UserId,
        actor::Who,
        organization::NewOrganization,
        user::{Join, NewUser},
    },
    ops::{
        organization::{self, Children, Deletion},
        user,
    },
};
use serde_json::Value;

use crate::support::{TestBox, bare::new_user};

/// Numbers without order, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// Walks a list to its end and changes something after every page. Returns how often each id was shown.
fn walk(test_box: &TestBox, path: &str, id: &str, mut change: impl FnMut()) -> BTreeMap<i64, usize> {
    let mut shown = BTreeMap::new();
    let mut cursor = String::new();
    for _ in 0..1000 {
        let page = test_box.admin().get(&format!("{path}limit=3{cursor}")).expect(200).json();
        for item in page["items"].as_array().unwrap() {
            *shown.entry(item[id].as_i64().unwrap()).or_default() += 1;
        }
        match &page["next"] {
            Value::Null => return shown,
            next => cursor = format!("&cursor={}", next.as_str().unwrap()),
        }
        change();
    }
    panic!("the list does not end");
}

fn make(test_box: &TestBox, title: String) -> i64 {
    let new = NewOrganization { title, ..NewOrganization::default() };
    let store = test_box.running().store();
    store.write(move |write| organization::create(write, &Who::system(), new)).unwrap().id.0
}

fn delete(test_box: &TestBox, id: i64) {
    let deletion = Deletion { children: Children::Rehang, refuse_cameras: false };
    let store = test_box.running().store();
    store.write(move |write| organization::delete(write, &Who::system(), OrgId(id), deletion)).unwrap();
}

#[test]
fn no_organization_is_missed_or_shown_twice() {
    for (seed, path) in [
        (1, "/orgbox/v1/organizations?"),
        (2, "/orgbox/v1/organizations?sort=title&"),
        (3, "/orgbox/v1/organizations/default/children?"),
        (4, "/orgbox/v1/organizations?search=org&sort=title&"),
        (5, "/orgbox/v1/organizations/default/subtree?"),
    ] {
        let test_box = TestBox::start();
        let mut dice = Dice(seed);
        let mut there: Vec<i64> = (0..30).map(|_| make(&test_box, format!("Org {} é", dice.roll(10)))).collect();
        let stays: Vec<i64> = there.iter().copied().filter(|id| id % 3 == 0).collect();
        let shown = walk(&test_box, path, "id", || {
            let goes: Vec<usize> = (0..there.len()).filter(|place| !stays.contains(&there[*place])).collect();
            if !goes.is_empty() {
                delete(&test_box, there.swap_remove(goes[dice.roll(goes.len())]));
            }
            there.push(make(&test_box, format!("Org {}", dice.roll(10))));
            // Without this the end of the list by id would move away for ever.
            if there.len() > 20 {
                let last = there.iter().copied().filter(|id| !stays.contains(id)).max().unwrap();
                there.retain(|id| *id != last);
                delete(&test_box, last);
            }
        });
        for id in &stays {
            assert_eq!(shown.get(id), Some(&1), "{path}: organization {id} in {shown:?}");
        }
        assert!(shown.values().all(|times| *times == 1), "{path}: {shown:?}");
    }
}

#[test]
fn no_user_and_no_member_is_missed_or_shown_twice() {
    for (path, id) in [("/orgbox/v1/users?", "id"), ("/orgbox/v1/organizations/default/members?", "user_id")] {
        let test_box = TestBox::start();
        let make = |number: usize| {
            let new = NewUser { join: Join::Organization(OrgId(1)), ..new_user(&format!("user {number}")) };
            let store = test_box.running().store();
            store.write(move |write| user::create(write, &Who::system(), &new)).unwrap().id.0
        };
        let mut there: Vec<i64> = (0..20).map(make).collect();
        let stays: Vec<i64> = there.iter().copied().filter(|id| id % 2 == 0).collect();
        let mut dice = Dice(7);
        let mut number = 100;
        let shown = walk(&test_box, path, id, || {
            let goes: Vec<usize> = (0..there.len()).filter(|place| !stays.contains(&there[*place])).collect();
            let Some(place) = goes.get(dice.roll(goes.len().max(1))) else { return };
            let gone = UserId(there.swap_remove(*place));
            let store = test_box.running().store();
            store.write(move |write| user::delete(write, &Who::system(), gone)).unwrap();
            number += 1;
            make(number);
        });
        for id in &stays {
            assert_eq!(shown.get(id), Some(&1), "{path}: user {id} in {shown:?}");
        }
        assert!(shown.values().all(|times| *times == 1), "{path}: {shown:?}");
    }
}

#[test]
fn a_cursor_is_good_for_its_own_list_only() {
    let test_box = TestBox::start();
    make(&test_box, "Acme".to_owned());
    let admin = test_box.admin();
    let next = |path: &str| admin.get(path).expect(200).json()["next"].as_str().unwrap().to_owned();
    let by_title = next("/orgbox/v1/organizations?sort=title&limit=1");
    admin.get(&format!("/orgbox/v1/organizations?cursor={by_title}")).expect(422);
    let by_id = next("/orgbox/v1/organizations?limit=1");
    admin.get(&format!("/orgbox/v1/organizations?sort=title&cursor={by_id}")).expect(422);
    admin.get(&format!("/orgbox/v1/users?cursor={by_id}")).expect(422);
    for wrong in ["limit=0", "limit=1001", "limit=x", "cursor=x", "sort=size"] {
        admin.get(&format!("/orgbox/v1/organizations?{wrong}")).expect(422);
    }
    let named = admin.get("/orgbox/v1/organizations?name=acme").expect(200).json();
    assert_eq!(named["items"].as_array().unwrap().len(), 1);
    let none = admin.get("/orgbox/v1/organizations?name=Acme").expect(200).json();
    assert_eq!(none["items"].as_array().unwrap().len(), 0);
}
