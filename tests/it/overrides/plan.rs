//! A plan says what an application then does, with where values come from and what it destroys.

use orgbox::{
    model::{
        Field, OrgId,
        organization::OrganizationPatch,
        overrides::{Changed, Document, Source},
    },
    ops::{
        organization,
        overrides::{CameraClass, Destroyed, Plan, plan, replace},
    },
};

use super::{applied, apply::cameras, document, number, text};
use crate::support::{Bare, test_box::NOON_MS};

fn planned(bare: &Bare, document: &Document) -> Plan {
    bare.store.reader().unwrap().read(|read| plan(read, document, NOON_MS)).unwrap()
}

#[test]
fn an_application_does_what_the_plan_says() {
    let bare = Bare::new();
    bare.organization("North");
    let stored = OrganizationPatch { title: Some("Stored".to_owned()), ..OrganizationPatch::default() };
    bare.write(move |write, who| organization::update(write, who, OrgId(2), stored)).unwrap();
    cameras(&bare, 2, &[1, 1, 2, 50]);
    let first = document(&[("north", &[("title", text("Said")), ("purge_days", number(60))])]);
    let outcome = {
        let first = first.clone();
        bare.store.write(move |write| replace(write, &first)).unwrap()
    };
    applied(outcome);
    let mut second = document(&[
        ("north", &[("purge_days", number(7)), ("camera_limit", number(3)), ("purge_days_front", number(70))]),
        ("made", &[("purge_days", number(9))]),
        ("made/**", &[("user_limit", number(8))]),
        ("nobody", &[("purge_days", number(3))]),
    ]);
    second.tables[1].create = true;
    second.tables[1].parents = vec!["north".to_owned()];
    let plan = planned(&bare, &second);
    assert_eq!((plan.problems.len(), plan.shrinks, plan.organizations.len(), plan.warnings.len()), (0, None, 2, 3));
    let north = &plan.organizations[0];
    assert_eq!((north.id, north.name.as_str(), north.held), (Some(OrgId(2)), "north", false));
    let fields: Vec<_> = north.changes.iter().map(|change| change.field.core_name()).collect();
    assert_eq!(fields, ["title", "camera_limit", "purge_days", "purge_days_front"]);
    let [title, limit, purge, front] = north.changes.as_slice() else { panic!() };
    let place = |at: usize| first.tables[0].settings[at].place.clone();
    assert_eq!(title.old_source, Source::File { place: place(0), stored: Some(text("Stored")) });
    assert_eq!(
        (&title.old, &title.new, &title.new_source),
        (&Some(text("Said")), &Some(text("Stored")), &Source::Stored)
    );
    assert_eq!((&limit.old_source, limit.below_use), (&Source::Default, Some(4)));
    assert_eq!((&purge.old, &purge.new), (&Some(number(60)), &Some(number(7))));
    assert_eq!(front.old, Some(number(60)), "it follows the general one");
    let shorter = |cameras_of| Destroyed { cameras_of, from_days: 60, to_days: 7, cameras: 1 };
    assert_eq!(
        north.destroys,
        [shorter(CameraClass::Rear), shorter(CameraClass::Auxiliary)],
        "front ones are kept longer"
    );
    let made = &plan.organizations[1];
    assert_eq!((made.id, made.name.as_str()), (None, "made"));
    let values: Vec<_> = made.changes.iter().map(|change| (change.field.core_name(), change.new.clone())).collect();
    assert_eq!(values, [("user_limit", Some(number(8))), ("purge_days", Some(number(9)))]);

    let applied_document = second.clone();
    let report = applied(bare.store.write(move |write| replace(write, &applied_document)).unwrap());
    let fields = north.changes.iter().map(|change| (change.field, [change.old.clone(), change.new.clone()]));
    // What is reported is what is in force: the types that nothing is said of have followed the general time.
    let follow =
        [Field::PurgeDaysRear, Field::PurgeDaysAuxiliary].map(|field| (field, [60, 7].map(|days| Some(number(days)))));
    let fields = fields.chain(follow);
    let changed = Changed { id: OrgId(2), name: "north".to_owned(), fields: fields.collect() };
    assert_eq!((report.changed, report.created), (vec![changed], vec!["made".to_owned()]));
    assert_eq!(report.warnings, plan.warnings);
    let row = "SELECT user_limit || ' ' || purge_days FROM organizations_in_force WHERE name = 'made'";
    assert_eq!(bare.column(row), ["8 9"]);
    assert_eq!(planned(&bare, &second).organizations, []);
}

#[test]
fn a_plan_says_what_is_wrong_and_what_would_be_held() {
    let bare = Bare::new();
    let wrong = document(&[("*", &[("purge_days", number(0))])]);
    assert_eq!(planned(&bare, &wrong).problems.len(), 1);
    let four =
        [("purge_days", number(7)), ("user_limit", number(7)), ("camera_limit", number(7)), ("status", number(7))];
    let full = document(&[("*", &four)]);
    applied(bare.store.write(move |write| replace(write, &full)).unwrap());
    let plan = planned(&bare, &document(&[("*", &four[..1])]));
    let shrunk = plan.shrinks.map(|shrunk| (shrunk.file, shrunk.from, shrunk.to));
    assert_eq!((shrunk, plan.organizations.len()), (Some((Some("config.toml".to_owned()), 4, 1)), 1));
}
