//! A list by SQL is the list that the same conditions give when they are run here over every organization.

use std::{cell::Cell, cmp::Ordering};

use orgbox::model::{
    BrandingId,
    actor::{Actor, Who},
    branding::Branding,
    filter::{Condition, FilterField, Operand, SortKey, Value},
    organization::{Heading, NewOrganization, Order, OrganizationFilter, OrganizationPatch},
};
use orgbox::ops::{branding, organization};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::support::TestBox;

/// Few letters, so that much is equal, contained and begun with; cases that fold in unusual ways among them.
const TEXT: &str = "[abAB ,\\-1İıßẞΣσς]{0,4}";

fn titles() -> impl Strategy<Value = String> {
    prop_oneof![TEXT, "\\PC{1,8}"]
        .prop_filter("titles are lines", |title| !title.trim().is_empty() && !title.chars().any(char::is_control))
}

fn conditions() -> impl Strategy<Value = Condition> {
    let comparison =
        prop_oneof![TEXT, "[0-9]{1,3}", "[0-9]{1,2}(,[0-9]{1,2}){0,3}", "[01]", "#[0-9A-F]{2}", "\\PC{0,3}"];
    let field = proptest::sample::select(FilterField::ALL.as_slice());
    let operand = proptest::sample::select(Operand::NAMES.as_slice());
    (field, operand, comparison).prop_filter_map("a condition that makes sense", |(field, operand, comparison)| {
        Condition::new(field, Operand::parse(operand).unwrap(), &comparison).ok()
    })
}

fn sort_keys() -> impl Strategy<Value = SortKey> {
    let field = proptest::sample::select(FilterField::ALL.as_slice());
    (field, any::<bool>()).prop_map(|(field, descending)| SortKey { field, descending })
}

fn value<'a>(organization: &'a Heading, brandings: &'a [Branding], field: FilterField) -> Value<'a> {
    let chosen = brandings.iter().find(|branding| Some(branding.id) == organization.branding_id);
    let text = |text: fn(&Branding) -> &str| Value::Text(chosen.map_or("", text));
    match field {
        FilterField::OrganizationId => Value::Number(organization.id.0),
        FilterField::Title => Value::Text(&organization.title),
        FilterField::Status => Value::Number(organization.status),
        FilterField::BrandingId => organization.branding_id.map_or(Value::Text(""), |id| Value::Number(id.0)),
        FilterField::BrandingName => text(|branding| &branding.name),
        FilterField::LogoFilename => text(|branding| &branding.logo_filename),
        FilterField::LandingDomain => text(|branding| &branding.landing_domain),
        FilterField::PrimaryColor => text(|branding| &branding.primary_color),
    }
}

/// What is unset stands before every number; texts are compared without regard to case.
fn order(left: Value<'_>, right: Value<'_>) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.cmp(&right),
        (Value::Text(left), Value::Text(right)) => {
            orgbox::model::text::fold(left).cmp(&orgbox::model::text::fold(right))
        }
        (Value::Text(_), Value::Number(_)) => Ordering::Less,
        (Value::Number(_), Value::Text(_)) => Ordering::Greater,
    }
}

fn expected(all: &[Heading], brandings: &[Branding], filter: &OrganizationFilter) -> Vec<i64> {
    let holds = |organization: &&Heading| {
        filter.conditions.iter().all(|condition| condition.holds(value(organization, brandings, condition.field)))
    };
    let mut found: Vec<&Heading> = all.iter().filter(holds).collect();
    let Order::By(keys) = &filter.order else { panic!("every order here is by keys") };
    found.sort_by(|left, right| {
        let key = |key: &SortKey| {
            let order = order(value(left, brandings, key.field), value(right, brandings, key.field));
            if key.descending { order.reverse() } else { order }
        };
        keys.iter().map(key).find(|order| order.is_ne()).unwrap_or(left.id.cmp(&right.id))
    });
    let limit = filter.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
    let offset = usize::try_from(filter.offset).unwrap();
    found.into_iter().skip(offset).take(limit).map(|organization| organization.id.0).collect()
}

/// Organizations of every sort: with and without branding, of other statuses, with these titles.
fn populate(test_box: &TestBox, titles: Vec<String>) -> (Vec<Heading>, Vec<Branding>) {
    let store = test_box.running().store();
    let fill = move |write: &orgbox::store::Write<'_>| {
        let who = Who::system();
        for (id, name, logo, color) in [(2, "beta", "B.png", "#00ff00"), (3, "Alpha", "a.png", "#FF0000")] {
            let branding = Branding {
                id: BrandingId(id),
                name: name.to_owned(),
                logo_filename: logo.to_owned(),
                landing_domain: format!("{name}.example"),
                primary_color: color.to_owned(),
                organizations: vec![orgbox::model::OrgId(1)],
            };
            branding::put(write, &who, &branding, false)?;
        }
        for (place, title) in titles.into_iter().enumerate() {
            let made = organization::create(write, &who, NewOrganization { title, ..NewOrganization::default() })?;
            let patch = OrganizationPatch {
                status: Some([200, 404, 7][place % 3]),
                branding_id: Some(BrandingId([1, 2, 3][place % 3])).into(),
                ..OrganizationPatch::default()
            };
            organization::update(write, &who, made.id, patch)?;
        }
        Ok(())
    };
    store.write(fill).unwrap();
    // No call takes a branding away again; older data may lack one.
    let connection = rusqlite::Connection::open(test_box.database()).unwrap();
    connection.execute("UPDATE organizations SET branding_id = NULL WHERE id % 4 = 0", []).unwrap();
    let actor = Actor::system();
    let reader = store.reader().unwrap();
    let all: Vec<Heading> =
        reader.read(|read| organization::list(read, &actor, &OrganizationFilter::default())).unwrap().0;
    let brandings = reader.read(|read| branding::chosen(read, &all)).unwrap();
    (all, brandings.into_values().collect())
}

#[test]
fn a_list_by_sql_is_the_list_by_the_model() {
    let cases = vec(titles(), 40);
    let mut outer = TestRunner::new(Config { cases: 3, failure_persistence: None, ..Config::default() });
    let compared = Cell::new(0);
    outer
        .run(&cases, |titles| {
            let test_box = TestBox::start();
            let (all, brandings) = populate(&test_box, titles);
            let reader = test_box.running().store().reader().unwrap();
            let filters = (vec(conditions(), 0..3), vec(sort_keys(), 0..3), 0_u64..5, proptest::option::of(1_u64..30));
            let mut inner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
            inner
                .run(&filters, |(conditions, keys, offset, limit)| {
                    let order = Order::By(keys);
                    let filter = OrganizationFilter { conditions, order, offset, limit, ..Default::default() };
                    let found =
                        reader.read(|read| organization::list::<Heading>(read, &Actor::system(), &filter)).unwrap().0;
                    let found: Vec<i64> = found.into_iter().map(|organization| organization.id.0).collect();
                    let wanted = expected(&all, &brandings, &filter);
                    compared.set(compared.get() + usize::from(!wanted.is_empty()));
                    prop_assert_eq!(found, wanted);
                    Ok(())
                })
                .map_err(|error| TestCaseError::fail(error.to_string()))
        })
        .unwrap();
    assert!(compared.get() > 300, "only {} lists held anything", compared.get());
}
