//! Each kind of change leaves exactly its rows; what changes nothing leaves none.

use orgbox::{
    model::{
        BrandingId, OrgId, Patch, Result, UserId,
        actor::{Actor, Origin, Who},
        branding::Branding,
        camera::{CameraKind, NewCamera},
        credential::{NewKey, Scope},
        member::RightsPatch,
        organization::{NewOrganization, NewOwner, OrganizationPatch},
        user::{Join, NewUser, Role, UserPatch},
    },
    ops::{
        branding, camera, credential, hierarchy, member,
        organization::{self, Children, Deletion},
        user,
    },
    store::Write,
};
use serde_json::{Value, json};

use super::{Event, audit_after, events_after, last};
use crate::support::{Bare, bare::new_user, test_box::NOON_MS};

const REHANG: Deletion = Deletion { children: Children::Rehang, refuse_cameras: false };
const CASCADE: Deletion = Deletion { children: Children::Cascade, refuse_cameras: false };

/// What a job left behind.
struct Left {
    events: Vec<Event>,
    audit: Vec<String>,
}

impl Left {
    /// `operation subject` of each event; its type must say the same.
    fn told(&self) -> Vec<String> {
        self.events
            .iter()
            .map(|event| {
                let operation = event.data["op"].as_str().unwrap();
                let kind = event.subject.split('/').next().unwrap();
                assert_eq!(event.kind, format!("io.orgbox.{kind}.{operation}d.v1"));
                format!("{operation} {}", event.subject)
            })
            .collect()
    }

    fn state(&self, subject: &str) -> &Value {
        let event = self.events.iter().find(|event| event.subject == subject).unwrap();
        &event.data["state"]
    }

    fn changed(&self, subject: &str) -> Value {
        let event = self.events.iter().find(|event| event.subject == subject).unwrap();
        event.data["changed"].clone()
    }
}

fn billing() -> Who {
    let actor = Actor::user(UserId(1), "admin", Role::SuperAdmin);
    let address = Some("192.0.2.7".parse().unwrap());
    Who { actor, origin: Origin { address, dialect: "wotkit", request_id: "request-7".to_owned() } }
}

fn run<T: Send + 'static>(
    bare: &Bare,
    work: impl FnOnce(&Write<'_>, &Who) -> Result<T> + Send + 'static,
) -> (Result<T>, Left) {
    let seq = last(bare, "SELECT last_seq FROM site");
    let id = last(bare, "SELECT max(id) FROM audit");
    let outcome = bare.store.write(move |write| work(write, &billing()));
    let events = events_after(bare, seq);
    for (event, expected) in events.iter().zip(seq + 1..) {
        assert_eq!(event.seq, expected, "gapless");
    }
    assert_eq!(last(bare, "SELECT last_seq FROM site"), seq + i64::try_from(events.len()).unwrap());
    (outcome, Left { events, audit: audit_after(bare, id) })
}

/// Runs a job that must succeed and tell exactly this, in this order, upstream and in the audit trail.
#[track_caller]
fn tells<T: Send + 'static>(
    bare: &Bare,
    expected: &[&str],
    work: impl FnOnce(&Write<'_>, &Who) -> Result<T> + Send + 'static,
) -> (T, Left) {
    let (outcome, left) = run(bare, work);
    let value = outcome.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(left.told(), expected);
    assert_eq!(left.audit, expected);
    (value, left)
}

/// Runs a job that must leave nothing, refused or not.
#[track_caller]
fn silent<T: Send + 'static>(
    bare: &Bare,
    refused: bool,
    work: impl FnOnce(&Write<'_>, &Who) -> Result<T> + Send + 'static,
) {
    let (outcome, left) = run(bare, work);
    assert_eq!(outcome.is_err(), refused);
    assert_eq!(left.told(), Vec::<String>::new());
    assert_eq!(left.audit, Vec::<String>::new());
}

fn new_organization(title: &str, parents: &[i64]) -> NewOrganization {
    let parents = parents.iter().copied().map(OrgId).collect();
    NewOrganization { title: title.to_owned(), parents, ..NewOrganization::default() }
}

fn titled(title: &str) -> OrganizationPatch {
    OrganizationPatch { title: Some(title.to_owned()), ..OrganizationPatch::default() }
}

#[test]
fn organizations() {
    let bare = Bare::new();
    let made = |title, parents| {
        move |write: &Write<'_>, who: &Who| {
            organization::create(write, who, new_organization(title, parents)).map(|made| made.id)
        }
    };
    let (_, left) = tells(&bare, &["create organization/2"], made("Two", &[]));
    let event = &left.events[0];
    assert_eq!(event.version, 1);
    assert_eq!(event.data["id"], 2);
    assert_eq!(event.data["cause"], "api");
    assert_eq!(event.data["actor"], "admin");
    assert_eq!(event.data["changed"], json!([]));
    let state = &event.data["state"];
    assert_eq!(
        *state,
        json!({
            "id": 2, "name": "two", "title": "Two", "description": null, "image_url": null, "status": 200,
            "branding_id": 1, "owner_id": 1, "partner_id": 1, "camera_limit": 1000, "user_limit": 1000,
            "dvr_limit_gb": 100, "purge_days": 31, "purge_days_front": 31, "purge_days_rear": 31,
            "purge_days_auxiliary": 31, "device_retention_minutes": 1440, "live_video_timeout_seconds": 30,
            "organization_profile_enabled": true, "exclusive_partner_only": false, "user_count": 0,
            "camera_count": 0, "mosaic_count": 0, "dvr_used_gb": 0, "parents": [1], "members": [],
            "hold": null,
        })
    );
    let audit = "SELECT json_array(at_ms, actor, actor_user_id, address, dialect, request_id, before) FROM audit \
                 ORDER BY id DESC LIMIT 1";
    let row: Value = serde_json::from_str(&bare.column(audit)[0]).unwrap();
    assert_eq!(row, json!([NOON_MS, "admin", 1, "192.0.2.7", "wotkit", "request-7", null]));

    let (_, left) = tells(&bare, &["update organization/2"], |write, who| {
        let mut patch = titled("Zwei");
        patch.limits.camera_limit = Patch::Set(5);
        organization::update(write, who, OrgId(2), patch)
    });
    assert_eq!(left.events[0].version, 2);
    assert_eq!(left.changed("organization/2"), json!(["title", "camera_limit"]));
    assert_eq!(left.state("organization/2")["camera_limit"], 5);
    assert_eq!(left.state("organization/2")["purge_days"], 31, "the whole state, not the change");
    let audit = "SELECT json_array(json(before), json(after)) FROM audit ORDER BY id DESC LIMIT 1";
    let row: Value = serde_json::from_str(&bare.column(audit)[0]).unwrap();
    assert_eq!(row, json!([{ "title": "Two", "camera_limit": 1000 }, { "title": "Zwei", "camera_limit": 5 }]));

    tells(&bare, &["create organization/3"], made("Three", &[]));
    let (_, left) = tells(&bare, &["update organization/3"], |write, who| {
        hierarchy::add_parents(write, who, OrgId(3), &[OrgId(2)])
    });
    assert_eq!(left.changed("organization/3"), json!(["parents"]));
    assert_eq!(left.state("organization/3")["parents"], json!([1, 2]));

    let (_, left) = tells(&bare, &["update organization/3", "delete organization/2"], |write, who| {
        organization::delete(write, who, OrgId(2), REHANG)
    });
    assert_eq!(left.state("organization/3")["parents"], json!([1]));
    assert_eq!(*left.state("organization/2"), Value::Null, "a tombstone has no state");
    assert_eq!(left.events[1].version, 3);
}

#[test]
fn a_cascade_tells_of_all_that_goes_and_of_what_is_only_unlinked() {
    let bare = Bare::new();
    bare.write(|write, who| {
        for (title, parents) in [("Two", &[1_i64][..]), ("Three", &[2]), ("Four", &[2, 1]), ("Five", &[3])] {
            organization::create(write, who, new_organization(title, parents))?;
        }
        Ok(())
    })
    .unwrap();
    let (outcome, left) = run(&bare, |write, who| organization::delete(write, who, OrgId(2), CASCADE));
    outcome.unwrap();
    let mut told = left.told();
    told.sort();
    let expected = ["delete organization/2", "delete organization/3", "delete organization/5", "update organization/4"];
    assert_eq!(told, expected);
    assert_eq!(left.state("organization/4")["parents"], json!([1]));
}

#[test]
fn members() {
    let bare = Bare::new();
    let user = bare.user("ann").id;
    let rights = RightsPatch { can_view_stats: Some(true), ..RightsPatch::default() };
    let subject = format!("member/1-{user}");
    let (_, left) = tells(&bare, &[&format!("create {subject}"), "update organization/1"], move |write, who| {
        member::add(write, who, OrgId::DEFAULT, user, rights)
    });
    assert_eq!(left.changed("organization/1"), json!(["user_count", "members"]));
    let state = json!({
        "organization_id": 1, "user_id": user.0, "login": "ann",
        "can_view_stats": true, "can_edit_users": false, "can_edit_cameras": false,
    });
    assert_eq!(*left.state(&subject), state);
    let joined = left.events[0].version;

    let more = RightsPatch { can_edit_users: Some(true), ..RightsPatch::default() };
    let (_, left) = tells(&bare, &[&format!("update {subject}")], move |write, who| {
        member::update(write, who, OrgId::DEFAULT, user, more)
    });
    assert_eq!(left.changed(&subject), json!(["can_edit_users"]));
    let promoted = left.events[0].version;
    silent(&bare, false, move |write, who| member::update(write, who, OrgId::DEFAULT, user, more));
    silent(&bare, false, |write, who| member::add_logins(write, who, OrgId::DEFAULT, &["ann".into(), "bob".into()]));

    let (_, left) = tells(&bare, &[&format!("delete {subject}"), "update organization/1"], move |write, who| {
        member::remove(write, who, OrgId::DEFAULT, user)
    });
    let left_at = left.events[0].version;
    let (_, left) = tells(&bare, &[&format!("create {subject}"), "update organization/1"], |write, who| {
        member::add_logins(write, who, OrgId::DEFAULT, &["ann".to_owned()])
    });
    let again = left.events[0].version;
    assert!(joined < promoted && promoted < left_at && left_at < again, "{joined} {promoted} {left_at} {again}");
    silent(&bare, true, move |write, who| member::remove(write, who, OrgId::DEFAULT, UserId(1)));
}

#[test]
fn cameras() {
    let bare = Bare::new();
    let new = |name: &str| NewCamera {
        organization_id: OrgId::DEFAULT,
        name: name.to_owned(),
        kind: CameraKind::Rear,
        partner_id: None,
    };
    let front = new("Rear door");
    let (_, left) = tells(&bare, &["create camera/1", "update organization/1"], move |write, who| {
        camera::register(write, who, &front)
    });
    let state =
        json!({ "id": 1, "organization_id": 1, "name": "Rear door", "type": 2, "partner_id": null, "hold": null });
    assert_eq!(*left.state("camera/1"), state);
    assert_eq!(left.state("organization/1")["camera_count"], 1);
    let mut nowhere = new("Nowhere");
    nowhere.organization_id = OrgId(9);
    silent(&bare, true, move |write, who| camera::register(write, who, &nowhere));
    let (_, left) = tells(&bare, &["delete camera/1", "update organization/1"], |write, who| {
        camera::remove(write, who, orgbox::model::CameraId(1))
    });
    assert_eq!(left.events[0].version, 2);
    assert_eq!(left.state("organization/1")["camera_count"], 0);
}

#[test]
fn users() {
    let bare = Bare::new();
    let joining = NewUser { join: Join::Default, ..new_user("ann") };
    let expected = ["create user/2", "create member/1-2", "update organization/1"];
    let (_, left) = tells(&bare, &expected, move |write, who| user::create(write, who, &joining));
    assert_eq!(
        *left.state("user/2"),
        json!({
            "id": 2, "login": "ann", "role": "user", "enabled": true, "name": "", "email": "", "phone": "",
            "note": "", "locale": "", "time_zone": "", "external_id": "", "max_sessions": null,
        })
    );
    silent(&bare, true, |write, who| user::create(write, who, &new_user("ann")));

    tells(&bare, &["create organization/2"], |write, who| {
        let mut new = new_organization("Ann's", &[]);
        new.owner = NewOwner::Given(Some(UserId(2)));
        organization::create(write, who, new)
    });
    let renamed = UserPatch { login: Some("anna".to_owned()), ..UserPatch::default() };
    let expected = ["update user/2", "update organization/1", "update member/1-2"];
    let (_, left) = tells(&bare, &expected, move |write, who| user::update(write, who, UserId(2), renamed));
    assert_eq!(left.changed("user/2"), json!(["login"]));
    assert_eq!(left.state("organization/1")["members"], json!(["anna"]));
    assert_eq!(left.state("member/1-2")["login"], "anna");
    assert_eq!(left.changed("member/1-2"), json!(["login"]));
    silent(&bare, false, |write, who| user::update(write, who, UserId(2), UserPatch::default()));

    let expected = ["delete member/1-2", "update organization/1", "update organization/2", "delete user/2"];
    let (_, left) = tells(&bare, &expected, |write, who| user::delete(write, who, UserId(2)));
    assert_eq!(left.changed("organization/2"), json!(["owner_id"]));
    assert_eq!(left.state("organization/2")["owner_id"], Value::Null);
    assert_eq!(left.events[3].version, 3);
}

#[test]
fn a_new_password_is_audited_without_it_and_told_to_nobody() {
    let bare = Bare::new();
    let user = bare.user("ann").id;
    let (outcome, left) = run(&bare, move |write, who| {
        let patch = UserPatch { password_hash: Some("$argon2id$another".to_owned()), ..UserPatch::default() };
        user::update(write, who, user, patch)
    });
    outcome.unwrap();
    assert_eq!(left.told(), Vec::<String>::new());
    assert_eq!(left.audit, [format!("update user/{user}")]);
    let row = bare.column("SELECT json_array(before, json(after)) FROM audit ORDER BY id DESC LIMIT 1");
    assert_eq!(row, [r#"[null,{"password":"changed"}]"#]);
}

#[test]
fn keys_and_brandings_are_audited_only() {
    let bare = Bare::new();
    let user = bare.user("ann").id;
    let key = NewKey {
        user_id: user,
        name: "backup".to_owned(),
        public_id: "0123456789abcdef".to_owned(),
        secret_hash: [7; 32],
        expires_at_ms: None,
        scope: Scope::Full,
        organization_id: None,
        network: None,
    };
    let (outcome, left) = run(&bare, move |write, who| credential::create_key(write, who, &key));
    outcome.unwrap();
    assert_eq!((left.told().len(), left.audit), (0, vec!["create key/1".to_owned()]));
    let (outcome, left) = run(&bare, move |write, who| user::delete(write, who, user));
    outcome.unwrap();
    assert_eq!(left.told(), [format!("delete user/{user}")]);
    assert_eq!(left.audit, ["delete key/1".to_owned(), format!("delete user/{user}")]);

    let north = Branding {
        id: BrandingId(2),
        name: "North".to_owned(),
        logo_filename: "north.png".to_owned(),
        landing_domain: "north.example".to_owned(),
        primary_color: "#112233".to_owned(),
        organizations: vec![OrgId::DEFAULT],
    };
    let same = north.clone();
    let (outcome, left) = run(&bare, move |write, who| branding::put(write, who, &north, true));
    outcome.unwrap();
    assert_eq!((left.told().len(), left.audit), (0, vec!["create branding/2".to_owned()]));
    silent(&bare, false, move |write, who| branding::put(write, who, &same, true));
}

#[test]
fn a_branding_is_told_when_its_organization_goes() {
    let bare = Bare::new();
    bare.organization("Two");
    let mut north = Branding {
        id: BrandingId(2),
        name: "North".to_owned(),
        logo_filename: "north.png".to_owned(),
        landing_domain: "north.example".to_owned(),
        primary_color: "#112233".to_owned(),
        organizations: vec![OrgId(1), OrgId(2)],
    };
    let put = north.clone();
    run(&bare, move |write, who| branding::put(write, who, &put, false)).0.unwrap();
    let (outcome, left) = run(&bare, |write, who| organization::delete(write, who, OrgId(2), REHANG));
    outcome.unwrap();
    assert_eq!(left.told(), ["delete organization/2"]);
    assert_eq!(left.audit, ["update branding/2", "delete organization/2"]);
    let after = bare.column("SELECT after FROM audit WHERE subject = 'branding/2' ORDER BY id DESC LIMIT 1");
    assert_eq!(after, [r#"{"organizations":[1]}"#]);
    // What is in force now is what was told.
    north.organizations = vec![OrgId(1)];
    silent(&bare, false, move |write, who| branding::put(write, who, &north, false));
}

#[test]
fn what_is_refused_or_changes_nothing_leaves_nothing() {
    let bare = Bare::new();
    bare.organization("Two");
    silent(&bare, false, |write, who| organization::update(write, who, OrgId(2), titled("Two")));
    silent(&bare, true, |write, who| organization::update(write, who, OrgId(2), titled("")));
    silent(&bare, true, |write, who| organization::update(write, who, OrgId(9), titled("Nine")));
    silent(&bare, true, |write, who| organization::create(write, who, new_organization("Three", &[9])));
    silent(&bare, true, |write, who| hierarchy::set_parents(write, who, OrgId(1), &[OrgId(2)]));
    silent(&bare, true, |write, who| hierarchy::remove_parents(write, who, OrgId(2), &[OrgId(1)]));
    silent(&bare, false, |write, who| hierarchy::set_parents(write, who, OrgId(2), &[OrgId(1)]));
    silent(&bare, true, |write, who| user::delete(write, who, UserId(1)));
    silent(&bare, true, |write, _| {
        let anonymous = Who { actor: Actor::anonymous(), origin: billing().origin };
        organization::delete(write, &anonymous, OrgId(2), REHANG)
    });
    silent(&bare, true, |write, who| {
        organization::create(write, who, new_organization("Three", &[]))?;
        organization::create(write, who, new_organization("", &[]))
    });
}

#[test]
fn the_audit_trail_cannot_be_rewritten() {
    let bare = Bare::new();
    let connection = bare.sqlite();
    assert!(connection.execute("UPDATE audit SET actor = 'nobody'", []).is_err());
    assert!(connection.execute("DELETE FROM audit", []).is_err());
}
