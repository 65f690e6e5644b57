//! Applying a document: one event for each organization that changed and one audit entry, all or nothing, and what it
//! makes, ends, holds and clears.

use orgbox::{
    model::{
        OrgId, Patch,
        actor::Actor,
        camera::{CameraKind, NewCamera},
        organization::{NewOrganization, OrganizationPatch},
        overrides::{Document, Selector, Source, Table},
    },
    ops::{
        branding, camera, hierarchy,
        organization::{self, Children, Deletion},
        overrides::{
            Outcome, Remark, Report, Shrunk, clear, ending, expire, in_force, next_expiry, provenance, reapply, replace,
        },
    },
};

use super::{applied, document, number, text};
use crate::support::{Bare, test_box::NOON_MS};

const DAY_MS: i64 = 86_400_000;

fn apply(bare: &Bare, document: &Document) -> Report {
    let document = document.clone();
    applied(bare.store.write(move |write| replace(write, &document)).unwrap())
}

/// Organizations 2 `north`, 3 `site` below it, 4 `south`.
fn three() -> Bare {
    let bare = Bare::new();
    bare.organization("North");
    let below = NewOrganization { title: "Site".to_owned(), parents: vec![OrgId(2)], ..NewOrganization::default() };
    bare.write(move |write, who| organization::create(write, who, below)).unwrap();
    bare.organization("South");
    bare
}

fn column(bare: &Bare, field: &str) -> Vec<String> {
    bare.column(&format!("SELECT {field} FROM organizations_in_force ORDER BY id"))
}

fn said(remarks: &[Remark]) -> Vec<String> {
    let line = |remark: &Remark| match &remark.place {
        Some(place) => format!("{place}: {}", remark.message),
        None => remark.message.clone(),
    };
    remarks.iter().map(line).collect()
}

#[test]
fn an_event_for_each_that_changed_and_one_audit_entry_for_all() {
    let bare = three();
    let events = "SELECT count(*) FROM outbox";
    let audited = "SELECT count(*) FROM audit";
    let before: [i64; 2] = [events, audited].map(|sql| bare.column(sql)[0].parse().unwrap());
    let said = document(&[("north/**", &[("purge_days", number(7))]), ("south", &[("purge_days", number(31))])]);
    let report = apply(&bare, &said);
    let changed: Vec<_> = report.changed.iter().map(|changed| changed.name.as_str()).collect();
    assert_eq!(changed, ["north", "site"], "31 is in force on south already");
    let after: [i64; 2] = [events, audited].map(|sql| bare.column(sql)[0].parse().unwrap());
    assert_eq!([after[0] - before[0], after[1] - before[1]], [2, 1]);
    let told = "SELECT json_extract(data, '$.actor', '$.cause', '$.changed', '$.state.purge_days') FROM outbox \
                ORDER BY seq DESC LIMIT 1";
    let actor = Actor::file(&said.digest).name;
    // The times by camera type follow the general one.
    let followed = r#"["purge_days","purge_days_front","purge_days_rear","purge_days_auxiliary"]"#;
    assert_eq!(bare.column(told), [format!("[\"{actor}\",\"file\",{followed},7]")]);
    let entry = "SELECT actor || ' ' || operation || ' ' || subject || ' ' || json_extract(before, '$.organizations') \
                 || ' ' || json_extract(after, '$.organizations') || ' ' || json_extract(after, '$.organizations_changed') \
                 FROM audit ORDER BY id DESC LIMIT 1";
    let each = |days: i64| {
        let all = format!(
            r#"{{"purge_days":{days},"purge_days_front":{days},"purge_days_rear":{days},"purge_days_auxiliary":{days}}}"#
        );
        format!(r#"{{"2":{all},"3":{all}}}"#)
    };
    let values = format!("{} {} 2", each(31), each(7));
    assert_eq!(bare.column(entry), [format!("{actor} update overrides {values}")]);
    let again = apply(&bare, &said);
    assert!(!again.is_news && again.changed.is_empty());
    assert_eq!(bare.column(audited)[0], after[1].to_string(), "the same once more is no news");
}

#[test]
fn lines_that_move_write_no_organization_again() {
    let bare = three();
    let one = document(&[("north/**", &[("purge_days", number(7))])]);
    apply(&bare, &one);
    let rows = "SELECT json_array(organization_id, field, table_id, stored) FROM managed_fields";
    let before = bare.column(rows);
    let two = document(&[("*", &[("user_limit", number(1000))]), ("north/**", &[("purge_days", number(7))])]);
    let report = apply(&bare, &two);
    assert_eq!(report.changed, []);
    let of_purge = "SELECT json_array(organization_id, field, table_id, stored) FROM managed_fields \
                    WHERE field = 'purge_days'";
    assert_eq!(bare.column(of_purge), before);
    let reader = bare.store.reader().unwrap();
    let sources = reader.read(|read| provenance(read, &Actor::system(), OrgId(3))).unwrap();
    let source = sources.iter().find(|(field, _)| field.core_name() == "purge_days").map(|(_, source)| source);
    let place = two.tables[1].settings[0].place.clone();
    assert_eq!(source, Some(&Source::File { place, stored: None }), "the line is where it stands now");
    let source = |key: &str| sources.iter().find(|(field, _)| field.core_name() == key).unwrap().1.clone();
    assert_eq!([source("title"), source("purge_days_front")], [Source::Stored, Source::Default]);
}

#[test]
fn what_is_wrong_changes_nothing_and_all_of_it_is_told() {
    let bare = three();
    let mut wrong = document(&[
        ("*", &[("purge_days", number(0)), ("branding_id", number(9))]),
        ("north/**", &[("purge_days", number(7))]),
    ]);
    wrong.tables[1].create = true;
    let before = bare.column("SELECT count(*) FROM outbox");
    let outcome = bare.store.write(move |write| replace(write, &wrong)).unwrap();
    let Outcome::Invalid(problems) = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        said(&problems),
        [
            "config.toml:3: purge_days must be a whole number from 1 to 366",
            "config.toml:4: branding_id must be the id of a branding; there is no branding 9",
            "config.toml:5: create is only for a table that names one organization, not for \"north/**\"",
        ]
    );
    assert_eq!(bare.column("SELECT count(*) FROM override_tables"), ["0"]);
    assert_eq!(bare.column("SELECT count(*) FROM outbox"), before);
}

#[test]
fn missing_organizations_are_made_or_waited_for() {
    let bare = three();
    let mut wanted = document(&[
        ("leaf", &[("title", text("A leaf")), ("purge_days", number(9))]),
        ("branch", &[]),
        ("lost", &[]),
        ("nobody", &[("purge_days", number(3))]),
        ("branch/**", &[("camera_limit", number(4))]),
    ]);
    for (table, parent) in wanted.tables.iter_mut().zip(["branch", "north", "nowhere"]) {
        table.create = true;
        table.parents = vec![parent.to_owned()];
    }
    cameras(&bare, 2, &[]);
    let report = apply(&bare, &wanted);
    assert_eq!(report.created, ["branch", "leaf"]);
    assert_eq!(
        said(&report.warnings),
        [
            "config.toml:6: lost is not made: not all of its parents exist (nowhere)",
            "config.toml:7: there is no organization nobody yet; \"nobody\" waits for one",
        ]
    );
    let made = "SELECT name || ' ' || title || ' ' || camera_limit || ' ' || purge_days || ' ' || owner_id || ' ' || \
                version FROM organizations_in_force WHERE id > 4 ORDER BY id";
    assert_eq!(bare.column(made), ["branch branch 4 31 1 1", "leaf A leaf 4 9 1 1"].map(String::from));
    let told = "SELECT type || ' ' || subject FROM outbox ORDER BY seq DESC LIMIT 2";
    let created = "io.orgbox.organization.created.v1 organization";
    assert_eq!(bare.column(told), [format!("{created}/6"), format!("{created}/5")]);
    assert_eq!(bare.column("SELECT operation FROM audit WHERE dialect = 'file'"), ["update"]);
    let nobody = NewOrganization { name: Some("nobody".to_owned()), title: "N".to_owned(), ..Default::default() };
    bare.write(move |write, who| organization::create(write, who, nobody)).unwrap();
    assert_eq!(bare.column("SELECT purge_days FROM organizations WHERE name = 'nobody'"), ["3"]);
}

#[test]
fn a_file_that_suddenly_says_little_is_held() {
    let bare = three();
    let full =
        [("purge_days", number(7)), ("user_limit", number(7)), ("camera_limit", number(7)), ("status", number(7))];
    apply(&bare, &document(&[("*", &full), ("north", &[("dvr_limit_gb", number(1))])]));
    let mut little = document(&[("*", &full[..2])]);
    let held = little.clone();
    let outcome = bare.store.write(move |write| replace(write, &held)).unwrap();
    assert_eq!(outcome, Outcome::Shrunk(Shrunk { file: Some("config.toml".to_owned()), from: 5, to: 2 }));
    assert_eq!(column(&bare, "status"), ["7"; 4]);
    little.allow_shrink = true;
    assert_eq!(apply(&bare, &little).entries, 2);
    assert_eq!(column(&bare, "status"), ["200"; 4]);
    apply(&bare, &document(&[]));
    assert_eq!(column(&bare, "purge_days"), ["31"; 4], "the last lines of a small file go without asking");
    let mut ending = document(&[("*", &full)]);
    ending.tables[0].expires_at_ms = Some(NOON_MS + 1);
    apply(&bare, &ending);
    bare.clock.advance_ms(1);
    apply(&bare, &document(&[]));
    assert_eq!(column(&bare, "status"), ["200"; 4], "what has ended is no loss");
}

#[test]
fn a_file_cut_off_among_others_is_held_and_one_that_moved_is_not() {
    let bare = three();
    let four =
        [("purge_days", number(7)), ("user_limit", number(7)), ("camera_limit", number(7)), ("status", number(7))];
    let selectors = ["*", "north", "south"];
    let [every, north, south] = selectors.map(|selector| document(&[(selector, &four)]).tables.remove(0));
    let in_file = |table: &Table, file: &str| {
        let mut table = table.clone();
        let settings = table.settings.iter_mut().map(|setting| &mut setting.place);
        settings.chain([&mut table.place]).for_each(|place| place.file = file.to_owned());
        table
    };
    let of = |tables: Vec<Table>| Document { tables, ..document(&[]) };
    apply(&bare, &of(vec![in_file(&every, "a.toml"), in_file(&north, "b.toml"), in_file(&south, "c.toml")]));
    let cut = of(vec![in_file(&every, "a.toml"), in_file(&north, "b.toml")]);
    let outcome = bare.store.write(move |write| replace(write, &cut)).unwrap();
    assert_eq!(outcome, Outcome::Shrunk(Shrunk { file: Some("c.toml".to_owned()), from: 4, to: 0 }));
    let moved = of(vec![in_file(&every, "a.toml"), in_file(&north, "b.toml"), in_file(&south, "b.toml")]);
    assert_eq!(apply(&bare, &moved).entries, 12);
}

#[test]
fn a_table_ends_at_its_time() {
    let bare = three();
    let mut said = document(&[("*", &[("purge_days", number(7))]), ("south", &[("purge_days", number(9))])]);
    said.tables[1].expires_at_ms = Some(NOON_MS + DAY_MS);
    apply(&bare, &said);
    assert_eq!(column(&bare, "purge_days"), ["7", "7", "7", "9"]);
    let reader = bare.store.reader().unwrap();
    assert_eq!(reader.read(next_expiry).unwrap(), Some(NOON_MS + DAY_MS));
    let soon = reader.read(|read| ending(read, NOON_MS + DAY_MS)).unwrap();
    assert_eq!(soon.iter().map(|table| &table.selector).collect::<Vec<_>>(), [&Selector::Name("south".to_owned())]);
    assert_eq!(reader.read(|read| ending(read, NOON_MS + DAY_MS - 1)).unwrap(), []);
    assert_eq!(bare.store.write(expire).unwrap(), None);
    bare.clock.advance_ms(DAY_MS);
    let report = bare.store.write(expire).unwrap().unwrap();
    assert_eq!(report.changed.len(), 1);
    assert_eq!(column(&bare, "purge_days"), ["7"; 4]);
    assert_eq!(reader.read(next_expiry).unwrap(), None);
    let report = apply(&bare, &said);
    assert_eq!(
        (report.changed.len(), said_of(&report)),
        (0, vec!["config.toml:4: the table \"south\" has ended; take it out of the file".to_owned()])
    );
}

fn said_of(report: &Report) -> Vec<String> {
    said(&report.warnings)
}

#[test]
fn clearing_gives_back_what_was_stored() {
    let bare = three();
    let patch = OrganizationPatch { title: Some("Stored".to_owned()), ..OrganizationPatch::default() };
    bare.write(move |write, who| organization::update(write, who, OrgId(4), patch)).unwrap();
    apply(&bare, &document(&[("*", &[("title", text("Said")), ("purge_days", number(7))])]));
    assert_eq!(column(&bare, "title"), ["Said"; 4]);
    let reader = bare.store.reader().unwrap();
    assert_eq!(reader.read(in_force).unwrap().unwrap().entries, 2);
    let report = bare.write(clear).unwrap();
    assert_eq!(report.changed.len(), 4);
    assert_eq!(column(&bare, "title"), ["Default", "North", "Site", "Stored"]);
    assert_eq!(bare.column("SELECT count(purge_days) FROM organizations"), ["0"]);
    assert_eq!(reader.read(in_force).unwrap(), None);
    let entry = "SELECT actor || ' ' || subject FROM audit ORDER BY id DESC LIMIT 1";
    assert_eq!(bare.column(entry), ["command line overrides"]);
    assert!(!bare.write(clear).unwrap().is_news);
}

#[test]
fn what_moves_is_resolved_in_the_move() {
    let bare = three();
    let below = NewOrganization { title: "Leaf".to_owned(), parents: vec![OrgId(3)], ..NewOrganization::default() };
    bare.write(move |write, who| organization::create(write, who, below)).unwrap();
    apply(&bare, &document(&[("north/**", &[("purge_days", number(7))]), ("south/**", &[("purge_days", number(9))])]));
    assert_eq!(column(&bare, "purge_days"), ["31", "7", "7", "9", "7"]);
    let events =
        "SELECT subject || ' ' || version FROM outbox WHERE seq > (SELECT max(seq) - 2 FROM outbox) ORDER BY seq";
    bare.write(|write, who| hierarchy::set_parents(write, who, OrgId(3), &[OrgId(4)])).unwrap();
    assert_eq!(column(&bare, "purge_days"), ["31", "7", "9", "9", "9"]);
    assert_eq!(bare.column(events), ["organization/5 3", "organization/3 3"]);
    let rehang = Deletion { children: Children::Rehang, refuse_cameras: false };
    bare.write(move |write, who| organization::delete(write, who, OrgId(4), rehang)).unwrap();
    assert_eq!(column(&bare, "purge_days"), ["31", "7", "31", "31"], "south is gone and so is what it said");
    assert_eq!(bare.column("SELECT count(*) FROM managed_fields"), ["1"]);
    let south = NewOrganization { title: "South".to_owned(), ..NewOrganization::default() };
    let south = bare.write(move |write, who| organization::create(write, who, south)).unwrap();
    assert_eq!(south.retention.purge_days, 9);
    bare.write(move |write, who| hierarchy::add_parents(write, who, OrgId(3), &[south.id])).unwrap();
    assert_eq!(column(&bare, "purge_days"), ["31", "7", "9", "9", "9"]);
}

#[test]
fn a_branding_below_a_file_is_still_in_use() {
    let bare = three();
    let look = |id| orgbox::model::branding::Branding {
        id: orgbox::model::BrandingId(id),
        name: "look".to_owned(),
        logo_filename: "a.png".to_owned(),
        landing_domain: "x".to_owned(),
        primary_color: "#000000".to_owned(),
        organizations: vec![OrgId(1)],
    };
    bare.write(move |write, who| branding::put(write, who, &look(2), false)).unwrap();
    bare.write(move |write, who| branding::put(write, who, &look(3), false)).unwrap();
    apply(&bare, &document(&[("*", &[("branding_id", number(2))]), ("nobody", &[("branding_id", number(3))])]));
    assert_eq!(column(&bare, "branding_id"), ["2"; 4]);
    for id in [1, 2, 3] {
        let id = orgbox::model::BrandingId(id);
        let refused = bare.write(move |write, who| branding::delete(write, who, id)).unwrap_err();
        assert_eq!(refused.code, "branding_in_use");
    }
    bare.write(clear).unwrap();
    assert_eq!(column(&bare, "branding_id"), ["1"; 4]);
}

#[test]
fn warnings_tell_of_footage_and_of_limits_below_use() {
    let bare = three();
    cameras(&bare, 4, &[1, 1, 2]);
    let said_so = document(&[("*", &[("purge_days", number(7)), ("camera_limit", number(2))])]);
    let report = apply(&bare, &said_so);
    assert_eq!(
        said(&report.warnings),
        [
            "config.toml:3: purge_days has the footage of 3 cameras kept shorter on 4 organizations, the first of them default",
            "config.toml:4: camera_limit is below the 3 that there are on south",
        ]
    );
}

#[test]
fn under_a_legal_hold_footage_is_not_kept_shorter() {
    let bare = three();
    cameras(&bare, 4, &[1]);
    apply(&bare, &document(&[("*", &[("purge_days", number(90))])]));
    let hold = "INSERT INTO holds (camera_id, reason, author, since_ms) VALUES (1, 'case 7', 'ann', 0)";
    bare.sqlite().execute_batch(hold).unwrap();
    let report = apply(&bare, &document(&[("*", &[("purge_days", number(7)), ("user_limit", number(5))])]));
    assert_eq!(column(&bare, "purge_days"), ["7", "7", "7", "90"]);
    assert_eq!(column(&bare, "user_limit"), ["5"; 4]);
    assert!(said(&report.warnings).contains(&"a legal hold keeps the retention as it is on south".to_owned()));
    let reader = bare.store.reader().unwrap();
    let source = || {
        let sources = reader.read(|read| provenance(read, &Actor::system(), OrgId(4))).unwrap();
        sources.into_iter().find(|(field, _)| field.core_name() == "purge_days").unwrap().1
    };
    assert_eq!(source(), Source::Held { stored: None });
    let mut patch = OrganizationPatch::default();
    patch.retention.purge_days = Patch::Set(40);
    let refused = bare.write(move |write, who| organization::update(write, who, OrgId(4), patch)).unwrap_err();
    assert!(refused.message.contains("legal hold"), "{refused}");
    bare.sqlite().execute_batch("DELETE FROM holds").unwrap();
    assert_eq!(bare.store.write(reapply).unwrap().changed.len(), 1);
    assert_eq!(column(&bare, "purge_days"), ["7"; 4]);
    bare.write(clear).unwrap();
    assert_eq!(column(&bare, "purge_days"), ["31"; 4]);
}

#[test]
fn a_hold_reaches_what_hangs_below() {
    let bare = three();
    let hold = "INSERT INTO holds (organization_id, reason, author, since_ms) VALUES (2, 'case 8', 'ann', 0)";
    bare.sqlite().execute_batch(hold).unwrap();
    let shorter = document(&[("*", &[("purge_days_rear", number(7)), ("device_retention_minutes", number(4))])]);
    apply(&bare, &shorter);
    assert_eq!(column(&bare, "purge_days_rear"), ["7", "31", "31", "7"]);
    assert_eq!(column(&bare, "device_retention_minutes"), ["4", "1440", "1440", "4"]);
    apply(&bare, &document(&[("*", &[("purge_days", number(40)), ("purge_days_rear", number(39))])]));
    assert_eq!(column(&bare, "purge_days_rear"), ["39"; 4], "longer is fine");
}

/// Gives an organization an owner, and cameras of these types.
pub fn cameras(bare: &Bare, organization: i64, kinds: &[i64]) {
    let organization_id = OrgId(organization);
    let owned = OrganizationPatch { owner_id: Patch::Set(orgbox::model::UserId(1)), ..OrganizationPatch::default() };
    bare.write(move |write, who| organization::update(write, who, organization_id, owned)).unwrap();
    for kind in kinds {
        let kind = CameraKind::from_number(*kind).unwrap();
        let new = NewCamera { organization_id, name: "c".to_owned(), kind, partner_id: None };
        bare.write(move |write, who| camera::register(write, who, &new)).unwrap();
    }
}
