//! Bounds of what one change may touch and of what somebody may make: a refusal with a sentence, and nothing changed.

use orgbox::{
    model::{
        Kind, OrgId, Patch, UserId,
        actor::{Actor, Who},
        organization::{NewOrganization, NewOwner, OWNED_MAX, OrganizationPatch},
        user::Role,
    },
    ops::{
        member,
        organization::{self, Children, Deletion},
        user,
    },
};

use crate::support::{Bare, bare::new_user};

const REHANG: Deletion = Deletion { children: Children::Rehang, refuse_cameras: false };
const CASCADE: Deletion = Deletion { children: Children::Cascade, refuse_cameras: false };

/// Puts organizations with ids from 3 up below organization 2, faster than a box would make them.
fn crowd(bare: &Bare, last: i64) {
    let crowd = format!("WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < {last})");
    let sql = format!(
        "BEGIN; {crowd} INSERT INTO organizations (id, name, title, title_key, sso_secret, created_at_ms) \
         SELECT i, 'crowd-' || i, 'Crowd', 'crowd', zeroblob(32), 0 FROM n; \
         {crowd} INSERT INTO organization_parents (child_id, parent_id) SELECT i, 2 FROM n; COMMIT"
    );
    bare.sqlite().execute_batch(&sql).unwrap();
}

#[test]
fn what_would_hold_up_all_others_is_refused() {
    let bare = Bare::new();
    bare.organization("Two");
    crowd(&bare, 10_002);
    for deletion in [CASCADE, REHANG] {
        let refused = bare.write(move |write, who| organization::delete(write, who, OrgId(2), deletion)).unwrap_err();
        assert_eq!((refused.kind, refused.code), (Kind::Refused, "too_much_at_once"));
        assert!(refused.message.contains("10001") && refused.message.contains("10000"), "{}", refused.message);
    }
    assert_eq!(bare.column("SELECT count(*) FROM organizations"), ["10002"]);
    bare.write(|write, who| organization::delete(write, who, OrgId(3), CASCADE)).unwrap();
    let fewer = "DELETE FROM organization_parents WHERE child_id > 30; DELETE FROM organizations WHERE id > 30";
    bare.sqlite().execute_batch(fewer).unwrap();
    bare.write(|write, who| organization::delete(write, who, OrgId(2), REHANG)).unwrap();
    let rehung = "SELECT count(*) FROM organization_parents WHERE parent_id = 1";
    assert_eq!(bare.column(rehung), ["27"]);
}

#[test]
fn a_user_with_very_much_is_not_deleted_in_one_go() {
    let bare = Bare::new();
    bare.organization("Two");
    let ann = bare.user("ann").id;
    crowd(&bare, 10_003);
    bare.sqlite().execute("UPDATE organizations SET owner_id = ?1 WHERE id > 2", [ann.0]).unwrap();
    let refused = bare.write(move |write, who| user::delete(write, who, ann)).unwrap_err();
    assert_eq!((refused.kind, refused.code), (Kind::Refused, "too_much_at_once"));
    bare.sqlite().execute("UPDATE organizations SET owner_id = NULL WHERE id > 100", []).unwrap();
    bare.write(move |write, who| user::delete(write, who, ann)).unwrap();
}

#[test]
fn organizations_of_ones_own_do_not_multiply_limits_without_end() {
    let bare = Bare::new();
    bare.organization("Two");
    let ann = bare.user("ann").id;
    let owned = OrganizationPatch { owner_id: Patch::Set(ann), ..OrganizationPatch::default() };
    bare.write(move |write, who| organization::update(write, who, OrgId(2), owned)).unwrap();
    let made = bare.store.write(move |write| {
        let make = |role| {
            let actor = Actor::user(ann, "ann", role);
            let parents = vec![OrgId(2)];
            let new = NewOrganization { title: "Below".to_owned(), parents, ..NewOrganization::default() };
            organization::create(write, &Who { actor, ..Who::system() }, new)
        };
        for _ in 1..OWNED_MAX {
            make(Role::User)?;
        }
        let refused = make(Role::User);
        make(Role::Admin).map(|_| refused)
    });
    let refused = made.unwrap().unwrap_err();
    assert_eq!((refused.kind, refused.code), (Kind::LimitReached, "organization_limit_reached"));
}

#[test]
fn whoever_may_not_name_an_owner_learns_nothing_of_users() {
    let bare = Bare::new();
    let ann = bare.user("ann").id;
    let owned = OrganizationPatch { owner_id: Patch::Set(ann), ..OrganizationPatch::default() };
    bare.write(move |write, who| organization::update(write, who, OrgId(1), owned)).unwrap();
    for owner in [1, 99] {
        let actor = Actor::user(ann, "ann", Role::User);
        let who = Who { actor, ..Who::system() };
        let owner = NewOwner::Given(Some(UserId(owner)));
        let new = NewOrganization { title: "Below".to_owned(), owner, ..NewOrganization::default() };
        let refused = bare.store.write(move |write| organization::create(write, &who, new)).unwrap_err();
        assert_eq!(refused.kind, Kind::Forbidden);
    }
}

#[test]
fn a_large_organization_is_not_written_down_with_all_its_members() {
    let bare = Bare::new();
    bare.organization("Two");
    let logins: Vec<String> = (0..1001).map(|number| format!("user {number:04}")).collect();
    let joining = logins.clone();
    bare.write(move |write, who| {
        for login in &joining {
            user::create(write, who, &new_user(login))?;
        }
        let mut patch = OrganizationPatch { owner_id: Patch::Set(UserId(1)), ..OrganizationPatch::default() };
        patch.limits.user_limit = Patch::Set(5000);
        organization::update(write, who, OrgId(2), patch)?;
        member::add_logins(write, who, OrgId(2), &joining[..1000])
    })
    .unwrap();
    let state = "SELECT json_extract(data, '$.state.user_count') || ' ' || \
                 json_type(data, '$.state.members') || ' ' || json_array_length(data, '$.state.members') \
                 FROM outbox WHERE subject = 'organization/2' ORDER BY seq DESC LIMIT 1";
    assert_eq!(bare.column(state), ["1000 array 1000"]);
    let newcomer = logins[1000..].to_vec();
    let leaving = newcomer.clone();
    bare.write(move |write, who| member::add_logins(write, who, OrgId(2), &newcomer)).unwrap();
    assert_eq!(bare.column(state), ["1001 null 0"]);
    bare.write(move |write, who| member::remove_logins(write, who, OrgId(2), &leaving)).unwrap();
    assert_eq!(bare.column(state), ["1000 array 1000"]);
}

#[test]
fn members_come_and_go_in_bounded_crowds() {
    let bare = Bare::new();
    for extra in [0, 1] {
        let logins: Vec<String> = (0..10_000 + extra).map(|number| format!("nobody {number}")).collect();
        let [add, remove] = [member::add_logins, member::remove_logins].map(|change| {
            let logins = logins.clone();
            bare.write(move |write, who| change(write, who, OrgId(1), &logins)).map_err(|error| error.code)
        });
        let expected = if extra == 0 { Ok(()) } else { Err("too_much_at_once") };
        assert_eq!((add, remove), (expected, expected));
    }
}
