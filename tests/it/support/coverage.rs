//! Which routes have a golden request, and a few people to be.

use orgbox::{
    api::server,
    model::{
        UserId,
        actor::Who,
        user::{Contact, Join, NewUser, Role},
    },
    ops::{password, user},
};

use super::{TestBox, golden};

/// The routes of a dialect that no golden file asks.
pub fn routes_without_golden(dialect: &str) -> Vec<String> {
    let asked: Vec<(String, String)> = golden::requests(dialect)
        .iter()
        .filter_map(|head| head.split_once(' '))
        .map(|(method, path)| (method.to_owned(), path.split('?').next().unwrap().trim_end_matches('/').to_owned()))
        .collect();
    server::listing()
        .into_iter()
        .filter(|(of, _, _)| *of == dialect)
        .filter(|(_, method, route)| !asked.iter().any(|(with, path)| with == method.as_str() && fits(route, path)))
        .map(|(_, method, route)| format!("{method} {route}"))
        .collect()
}

/// Makes a user with this login and this password, which belongs to no organization.
pub fn person(test_box: &TestBox, login: &str, role: Role, password: &str) -> UserId {
    let new = NewUser {
        login: login.to_owned(),
        password_hash: Some(password::hash(password).unwrap()),
        role,
        enabled: true,
        contact: Contact::default(),
        max_sessions: None,
        join: Join::None,
    };
    test_box.running().store().write(move |write| user::create(write, &Who::system(), &new)).unwrap().id
}

fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(path).all(|(part, given)| part.starts_with('{') || *part == given)
}
