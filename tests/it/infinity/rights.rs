//! Credentials, and what somebody sees and may change who is no administrator.

use orgbox::{
    model::{
        OrgId, UserId,
        actor::Who,
        credential::{NewKey, Scope},
        member::RightsPatch,
    },
    ops::key::hash,
    ops::{credential, member},
};

use super::{ids, make, make_user, refuses, start};
use crate::support::{Client, TestBox};

fn join(test_box: &TestBox, organization: i64, user: UserId, can_edit_cameras: bool) {
    let rights = RightsPatch { can_edit_cameras: Some(can_edit_cameras), ..RightsPatch::default() };
    let join = move |write: &orgbox::store::Write<'_>| {
        member::add(write, &Who::system(), OrgId(organization), user, rights).map(drop)
    };
    test_box.running().store().write(join).unwrap();
}

#[test]
fn without_good_credentials_a_client_is_challenged() {
    let test_box = start();
    let client = test_box.client();
    let challenges = |client: &Client, path: &str| {
        let answer = client.get(path);
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"orgbox\"");
        assert_eq!(answer.text, "\"auth required\"");
        refuses(answer, 401, &[]);
    };
    for version in ["v2", "v2.1"] {
        for path in ["organisations", "organisations/1", "organisations/99", "profile", "igrps"] {
            let path = format!("/config/{version}/{path}");
            challenges(&client, &path);
            for header in ["Basic ???", "Bearer x", "ApiKey", "ApiKey x", "ApiKey obk_00000000000000000000000000000000"]
            {
                challenges(&client.with("authorization", header), &path);
            }
        }
    }
    // Wrong passwords slow their sender down soon, so there are few.
    challenges(&client.basic("admin", "wrong"), "/config/v2/profile");
    challenges(&client.basic("nobody", "wrong"), "/config/v2.1/profile");
    let answer = test_box.client().form("POST", "/config/v2/organisations", "");
    refuses(answer, 401, &["auth required"]);
}

#[test]
fn both_versions_take_passwords_and_keys() {
    let test_box = start();
    let user = make_user(&test_box, "ada");
    let new = NewKey {
        user_id: user,
        name: "script".to_owned(),
        public_id: "0123456789abcdef".to_owned(),
        secret_hash: hash("fedcba9876543210"),
        expires_at_ms: Some(test_box.clock.now_ms() + 1000),
        scope: Scope::Full,
        organization_id: None,
        network: None,
    };
    test_box.running().store().write(move |write| credential::create_key(write, &Who::system(), &new)).unwrap();
    let keyed = test_box.client().with("authorization", "apikey obk_0123456789abcdeffedcba9876543210");
    let basic = test_box.client().basic("ada", "adaada");
    for client in [&keyed, &basic] {
        for version in ["v2", "v2.1"] {
            for slash in ["", "/"] {
                let answer = client.get(&format!("/config/{version}/profile{slash}")).expect(200);
                assert_eq!(
                    answer.text,
                    format!(
                        "{{\"userId\":\"{user}\",\"username\":\"ada\",\"firstName\":\"Ada\",\
                         \"lastName\":\"King Lovelace\",\"primaryOrgId\":\"\",\"primaryOrgName\":\"\"}}\n"
                    )
                );
            }
        }
    }
    test_box.clock.advance_ms(1000);
    refuses(keyed.get("/config/v2.1/profile"), 401, &["auth required"]);
}

#[test]
fn a_member_sees_its_organisations_and_all_below() {
    let test_box = start();
    let admin = test_box.admin();
    let user = make_user(&test_box, "ada");
    let ada = test_box.client().basic("ada", "adaada");
    for (name, parents) in
        [("Two", &["1"][..]), ("Three", &["2"]), ("Four", &["3", "1"]), ("Five", &["1"]), ("Six", &["5"])]
    {
        make(&admin, name, parents);
    }
    assert!(ids(&ada, "/config/v2/organisations").is_empty());
    join(&test_box, 2, user, false);
    assert_eq!(ids(&ada, "/config/v2/organisations"), ["2", "3", "4"]);
    assert_eq!(ids(&ada, "/config/v2/organisations?limit=2&offset=1"), ["3", "4"]);
    assert_eq!(ids(&ada, "/config/v2/organisations?filter[]=orgName-inc-value-o"), ["2", "4"]);
    assert_eq!(ids(&ada, "/config/v2/organisations?rootOrgId=3"), ["3", "4"]);
    assert_eq!(ids(&ada, "/config/v2/organisations/2/parents"), Vec::<String>::new(), "1 is not ada's to see");
    assert_eq!(ids(&ada, "/config/v2/organisations/4/parents"), ["3"]);
    assert_eq!(ids(&ada, "/config/v2/organisations/2/children"), ["3"]);
    refuses(ada.get("/config/v2/organisations?rootOrgId=5"), 403, &["access denied"]);
    for path in ["1", "5", "5/children", "5/parents", "5/branding"] {
        refuses(ada.get(&format!("/config/v2/organisations/{path}")), 403, &["access denied"]);
    }
    // It may look, not touch.
    refuses(ada.form("POST", "/config/v2/organisations/2", "orgName=x"), 403, &["access denied"]);
    refuses(ada.form("POST", "/config/v2/organisations/2", ""), 403, &["access denied"]);
    refuses(ada.delete("/config/v2/organisations/3"), 403, &["access denied"]);
    refuses(ada.form("POST", "/config/v2/organisations/3/parents", "parentOrgSpec=2"), 403, &["access denied"]);
    let new = "orgName=x&brandingId=1&parentOrgSpec=2";
    refuses(ada.form("POST", "/config/v2/organisations", new), 403, &["access denied"]);
    assert!(ada.get("/config/v2/profile").text.contains("\"primaryOrgId\":\"2\",\"primaryOrgName\":\"Two\""));
}

#[test]
fn an_owner_arranges_what_is_below_its_own() {
    let test_box = start();
    let admin = test_box.admin();
    let user = make_user(&test_box, "ada");
    let ada = test_box.client().basic("ada", "adaada");
    let own = make(&admin, "Own", &["1"]);
    let other = make(&admin, "Other", &["1"]);
    let own_id = OrgId(own.parse().unwrap());
    let patch = orgbox::model::organization::OrganizationPatch {
        owner_id: orgbox::model::Patch::Set(user),
        ..Default::default()
    };
    let give = move |write: &orgbox::store::Write<'_>| {
        orgbox::ops::organization::update(write, &Who::system(), own_id, patch).map(drop)
    };
    test_box.running().store().write(give).unwrap();
    let below = make(&ada, "Below", &[&own]);
    let deeper = make(&ada, "Deeper", &[&below]);
    let parents = format!("/config/v2/organisations/{deeper}/parents");
    refuses(ada.form("POST", &parents, &format!("parentOrgSpec={other}")), 403, &["access denied"]);
    let both = format!("parentOrgSpec[]={own}&parentOrgSpec[]={other}");
    refuses(ada.form("POST", &parents, &both), 403, &["access denied"]);
    assert_eq!(ids(&ada, &parents), std::slice::from_ref(&below), "all or nothing");
    ada.form("PUT", &parents, &format!("parentOrgSpec={own}")).expect(204);
    assert_eq!(ids(&ada, &parents), std::slice::from_ref(&own));
    refuses(ada.delete(&format!("/config/v2/organisations/{own}?deleteSubOrgs=1")), 403, &["access denied"]);
    ada.delete(&format!("/config/v2/organisations/{deeper}")).expect(204);
}

#[test]
fn a_group_shows_only_what_the_caller_sees() {
    let test_box = start();
    let admin = test_box.admin();
    let user = make_user(&test_box, "ada");
    for name in ["Two", "Three"] {
        let new = format!("orgName={name}&brandingId=1&parentOrgSpec=1&orgRefs[19]={name}");
        admin.form("POST", "/config/v2/organisations", &new).expect(201);
    }
    join(&test_box, 3, user, false);
    let ada = test_box.client().basic("ada", "adaada");
    let seen = ada.get("/config/v2/igrps/19/organisations").expect(200);
    assert_eq!(seen.text, "{\"orgId\":\"3\",\"orgTypeCode\":\"\",\"orgRef\":\"Three\"}\n");
    assert_eq!(admin.get("/config/v2/igrps/19/organisations").text.lines().count(), 2);
}
