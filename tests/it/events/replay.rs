//! The invariant that billing lives on: whoever applies the events, each where its version is greater, has the tables.

use std::collections::BTreeMap;

use orgbox::{
    model::{
        CameraId, Error, Field, OrgId, Patch, Result, UserId,
        actor::Who,
        camera::{CameraKind, CameraPatch, NewCamera},
        hold::Held,
        member::RightsPatch,
        organization::{NewOrganization, NewOwner, OrganizationPatch},
        user::{Join, NewUser, UserPatch},
    },
    ops::{
        camera, hierarchy, hold, member,
        organization::{self, Children, Deletion},
        user,
    },
    store::Write,
};
use proptest::prelude::*;
use serde_json::Value;

use super::events_after;
use crate::support::{Bare, bare::new_user};

#[derive(Debug, Clone)]
enum Step {
    Create { parents: Vec<i64>, owner: Option<i64> },
    Update { id: i64, title: u8, limit: Option<i64>, owner: Option<i64> },
    Delete { id: i64, children: Children },
    Relink { id: i64, parents: Vec<i64> },
    AddMember { id: i64, user: i64, stats: bool },
    RemoveMember { id: i64, user: i64 },
    Register { id: i64 },
    Unregister { camera: i64 },
    Move { camera: i64, id: i64, kind: i64 },
    Hold { on: Held },
    Lift { on: Held },
    NewUser { login: u8, join: bool },
    ChangeUser { user: i64, login: u8, enabled: bool },
    NewPassword { user: i64 },
    DeleteUser { user: i64 },
    Fail(Box<Step>),
}

fn step() -> impl Strategy<Value = Step> {
    let id = || 1..9_i64;
    let user = || 1..7_i64;
    let owner = || prop::option::of(1..7_i64);
    let parents = || prop::collection::vec(1..9_i64, 0..3);
    let children = prop_oneof![Just(Children::Rehang), Just(Children::Refuse), Just(Children::Cascade)];
    let held = || {
        prop_oneof![
            id().prop_map(|id| Held::Organization(OrgId(id))),
            (1..9_i64).prop_map(|id| Held::Camera(CameraId(id))),
        ]
    };
    let simple = prop_oneof![
        4 => (parents(), owner()).prop_map(|(parents, owner)| Step::Create { parents, owner }),
        3 => (id(), 0..3_u8, prop::option::of(0..4_i64), owner())
            .prop_map(|(id, title, limit, owner)| Step::Update { id, title, limit, owner }),
        1 => (id(), children).prop_map(|(id, children)| Step::Delete { id, children }),
        2 => (id(), parents()).prop_map(|(id, parents)| Step::Relink { id, parents }),
        4 => (id(), user(), any::<bool>()).prop_map(|(id, user, stats)| Step::AddMember { id, user, stats }),
        2 => (id(), user()).prop_map(|(id, user)| Step::RemoveMember { id, user }),
        3 => id().prop_map(|id| Step::Register { id }),
        1 => (1..9_i64).prop_map(|camera| Step::Unregister { camera }),
        2 => (1..9_i64, id(), 1..3_i64).prop_map(|(camera, id, kind)| Step::Move { camera, id, kind }),
        1 => held().prop_map(|on| Step::Hold { on }),
        2 => held().prop_map(|on| Step::Lift { on }),
        3 => (0..6_u8, any::<bool>()).prop_map(|(login, join)| Step::NewUser { login, join }),
        2 => (user(), 0..6_u8, any::<bool>())
            .prop_map(|(user, login, enabled)| Step::ChangeUser { user, login, enabled }),
        1 => user().prop_map(|user| Step::NewPassword { user }),
        1 => user().prop_map(|user| Step::DeleteUser { user }),
    ];
    let failing = simple.clone().prop_map(|step| Step::Fail(Box::new(step)));
    prop_oneof![9 => simple, 1 => failing]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn replaying_the_outbox_gives_the_tables(steps in prop::collection::vec(step(), 1..60)) {
        let bare = Bare::new();
        for step in steps {
            // Refusals are part of the game; what counts is what is told of the rest.
            drop(bare.write(move |write, who| play(write, who, &step)));
        }
        let mut known: BTreeMap<String, (i64, Value)> = BTreeMap::new();
        for (event, seq) in events_after(&bare, 0).into_iter().zip(1..) {
            prop_assert_eq!(event.seq, seq);
            let version = known.get(&event.subject).map_or(0, |(version, _)| *version);
            prop_assert!(event.version > version, "{} came as {} after {}", event.subject, event.version, version);
            known.insert(event.subject, (event.version, event.data["state"].clone()));
        }
        let replayed: BTreeMap<String, Value> = known
            .into_iter()
            .filter(|(_, (_, state))| !state.is_null())
            .map(|(subject, (_, state))| (subject, state))
            .collect();
        prop_assert_eq!(replayed, tables(&bare));
        let counts = "SELECT count(*) FROM organizations o WHERE \
                      user_count <> (SELECT count(*) FROM members m WHERE m.organization_id = o.id) OR \
                      camera_count <> (SELECT count(*) FROM cameras c WHERE c.organization_id = o.id)";
        prop_assert_eq!(bare.column(counts), ["0"]);
    }
}

fn play(write: &Write<'_>, who: &Who, step: &Step) -> Result<()> {
    let orgs = |ids: &[i64]| ids.iter().copied().map(OrgId).collect::<Vec<_>>();
    match step {
        Step::Create { parents, owner } => {
            let owner = NewOwner::Given(owner.map(UserId));
            let new = NewOrganization { title: "Org".to_owned(), parents: orgs(parents), owner, ..Default::default() };
            organization::create(write, who, new).map(drop)
        }
        Step::Update { id, title, limit, owner } => {
            let mut patch = OrganizationPatch { title: Some(format!("Title {title}")), ..OrganizationPatch::default() };
            patch.limits.camera_limit = limit.map_or(Patch::Clear, Patch::Set);
            patch.retention.purge_days = limit.map_or(Patch::Keep, |limit| Patch::Set(limit + 1));
            patch.owner_id = owner.map_or(Patch::Clear, |owner| Patch::Set(UserId(owner)));
            organization::update(write, who, OrgId(*id), patch).map(drop)
        }
        Step::Delete { id, children } => {
            let deletion = Deletion { children: *children, refuse_cameras: false };
            organization::delete(write, who, OrgId(*id), deletion)
        }
        Step::Relink { id, parents } => hierarchy::set_parents(write, who, OrgId(*id), &orgs(parents)),
        Step::AddMember { id, user, stats } => {
            let rights = RightsPatch { can_view_stats: Some(*stats), ..RightsPatch::default() };
            member::add(write, who, OrgId(*id), UserId(*user), rights).map(drop)
        }
        Step::RemoveMember { id, user } => member::remove(write, who, OrgId(*id), UserId(*user)),
        Step::Register { id } => {
            let name = "Camera".to_owned();
            let new = NewCamera { organization_id: OrgId(*id), name, kind: CameraKind::Front, partner_id: None };
            camera::register(write, who, &new).map(drop)
        }
        Step::Unregister { camera } => camera::remove(write, who, CameraId(*camera)),
        Step::Move { camera, id, kind } => {
            let kind = Some(CameraKind::from_number(*kind)?);
            let patch = CameraPatch { organization_id: Some(OrgId(*id)), name: None, kind };
            camera::update(write, who, CameraId(*camera), patch).map(drop)
        }
        Step::Hold { on } => hold::set(write, who, *on, "Case").map(drop),
        Step::Lift { on } => hold::lift(write, who, *on),
        Step::NewUser { login, join } => {
            let join = if *join { Join::Default } else { Join::None };
            user::create(write, who, &NewUser { join, ..new_user(&format!("user {login}")) }).map(drop)
        }
        Step::ChangeUser { user, login, enabled } => {
            let login = Some(format!("user {login}"));
            let patch = UserPatch { login, enabled: Some(*enabled), ..UserPatch::default() };
            user::update(write, who, UserId(*user), patch).map(drop)
        }
        Step::NewPassword { user } => {
            let patch = UserPatch { password_hash: Some("$argon2id$new".to_owned()), ..UserPatch::default() };
            user::update(write, who, UserId(*user), patch).map(drop)
        }
        Step::DeleteUser { user } => user::delete(write, who, UserId(*user)),
        Step::Fail(step) => {
            drop(play(write, who, step));
            Err(Error::refused(Field::Id, "on_purpose", "no"))
        }
    }
}

/// The state of every subject as the tables have it, read with SQL of the test's own.
fn tables(bare: &Bare) -> BTreeMap<String, Value> {
    let truth = |column: &str| format!("json(CASE WHEN {column} THEN 'true' ELSE 'false' END)");
    let plain = |columns: &[&str]| columns.iter().map(|c| format!("'{c}', {c}")).collect::<Vec<_>>().join(", ");
    let truths =
        |columns: &[&str]| columns.iter().map(|c| format!("'{c}', {}", truth(c))).collect::<Vec<_>>().join(", ");
    let hold = |on: &str| {
        format!(
            "(SELECT json_object('reason', h.reason, 'author', h.author, 'since_ms', h.since_ms) FROM holds h WHERE {on})"
        )
    };
    let organization = format!(
        "'organization/' || id, json_object({}, {}, 'parents', (SELECT json_group_array(parent_id) FROM (SELECT \
         parent_id FROM organization_parents WHERE child_id = o.id ORDER BY 1)), 'members', (SELECT \
         json_group_array(login) FROM (SELECT login FROM members JOIN users u ON u.id = user_id WHERE organization_id \
         = o.id ORDER BY 1)), 'hold', {}) FROM \
         organizations_in_force o",
        plain(&[
            "id",
            "name",
            "title",
            "description",
            "image_url",
            "status",
            "branding_id",
            "owner_id",
            "partner_id",
            "camera_limit",
            "user_limit",
            "dvr_limit_gb",
            "purge_days",
            "purge_days_front",
            "purge_days_rear",
            "purge_days_auxiliary",
            "device_retention_minutes",
            "live_video_timeout_seconds",
            "user_count",
            "camera_count",
            "mosaic_count",
            "dvr_used_gb",
        ]),
        truths(&["organization_profile_enabled", "exclusive_partner_only"]),
        hold("h.organization_id = o.id"),
    );
    let member = format!(
        "'member/' || organization_id || '-' || user_id, json_object({}, {}) FROM members JOIN users u ON u.id = user_id",
        plain(&["organization_id", "user_id", "login"]),
        truths(&["can_view_stats", "can_edit_users", "can_edit_cameras"]),
    );
    let camera = format!(
        "'camera/' || id, json_object({}, 'type', kind, 'hold', {}) FROM cameras c",
        plain(&["id", "organization_id", "name", "partner_id"]),
        hold("h.camera_id = c.id"),
    );
    let user = format!(
        "'user/' || id, json_object({}, {}) FROM users",
        plain(&[
            "id",
            "login",
            "role",
            "name",
            "email",
            "phone",
            "note",
            "locale",
            "time_zone",
            "external_id",
            "max_sessions",
        ]),
        truths(&["enabled"]),
    );
    let connection = bare.sqlite();
    let mut states = BTreeMap::new();
    for select in [organization, member, camera, user] {
        let mut statement = connection.prepare(&format!("SELECT {select}")).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
        states.extend(rows.map(|row| {
            let (subject, state) = row.unwrap();
            (subject, serde_json::from_str(&state).unwrap())
        }));
    }
    states
}
