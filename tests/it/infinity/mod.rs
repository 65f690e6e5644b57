//! The Infinity dialect.

mod changes;
mod formats;
mod graph;
mod lists;
mod malformed;
mod property;
mod rights;

use orgbox::{
    api::server,
    model::{
        UserId,
        actor::Who,
        user::{Contact, Join, NewUser, Role},
    },
    ops::{password, user},
};

use crate::support::{Answer, Client, TestBox, golden};

/// The brandings that the contract prints, and one group.
const CONFIGURATION: &str = r##"
[[brandings]]
id = 1
name = "Infinity"
logo_filename = "2f883544-d320-4418-bb6c-b8d93bc97854.png"
landing_domain = "infinity-tracking.com"
primary_color = "#E52D87"

[[brandings]]
id = 2
name = "Client"
logo_filename = "ab7009ed-e572-4e6b-b170-d09dcb2af682.jpg"
landing_domain = "example.com"
primary_color = "#000000"

[[igrps]]
id = 19
name = "Places"
types = [
  { code = "city", name = "City", order = 2 },
  { code = "country", name = "Country", order = 1 },
]
"##;

/// A box as the contract's examples presume it: organization 1 is "Infinity Tracking".
fn start() -> TestBox {
    let test_box = TestBox::with(CONFIGURATION);
    test_box.admin().form("POST", "/config/v2/organisations/1", "orgName=Infinity+Tracking").expect(204);
    test_box
}

/// Makes an organisation below these and returns its id.
fn make(client: &Client, name: &str, parents: &[&str]) -> String {
    let parents: String = parents.iter().map(|parent| format!("&parentOrgSpec[]={parent}")).collect();
    let made = client.form("POST", "/config/v2/organisations", &format!("orgName={name}&brandingId=1{parents}"));
    made.expect(201).json()["orgId"].as_str().unwrap().to_owned()
}

/// Makes a user whose password is its login twice.
fn make_user(test_box: &TestBox, login: &str) -> UserId {
    let new = NewUser {
        login: login.to_owned(),
        password_hash: Some(password::hash(&login.repeat(2)).unwrap()),
        role: Role::User,
        enabled: true,
        contact: Contact { name: "Ada King Lovelace".to_owned(), ..Contact::default() },
        max_sessions: None,
        join: Join::None,
    };
    test_box.running().store().write(move |write| user::create(write, &Who::system(), &new)).unwrap().id
}

/// The values of one key, line by line.
fn column(answer: &Answer, key: &str) -> Vec<String> {
    let line = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row[key].as_str().unwrap_or_else(|| panic!("{key} is no string in {line}")).to_owned()
    };
    answer.text.lines().map(line).collect()
}

/// The ids that a list answers.
fn ids(client: &Client, path: &str) -> Vec<String> {
    column(&client.get(path).expect(200), "orgId")
}

/// Asserts that the answer is one bare JSON string that holds all of these.
#[track_caller]
fn refuses(answer: Answer, status: u16, parts: &[&str]) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let sentence = answer.json();
    let sentence = sentence.as_str().unwrap_or_else(|| panic!("no bare string: {}", answer.text));
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is missing in {sentence:?}");
    }
}

#[test]
fn documented_examples() {
    let test_box = start();
    golden::play(&test_box.admin(), "infinity/organisations.http", &[]);
}

#[test]
fn every_route_has_an_example() {
    let requests = golden::requests("infinity");
    for (_, method, path) in server::listing().into_iter().filter(|(dialect, _, _)| *dialect == "infinity") {
        let played = requests.iter().any(|request| {
            let (played, rest) = request.split_once(' ').unwrap();
            let rest = rest.split('?').next().unwrap();
            let fits = |(wanted, got): (&str, &str)| wanted.starts_with('{') || wanted == got;
            played == method.as_str()
                && rest.split('/').count() == path.split('/').count()
                && path.split('/').zip(rest.split('/')).all(fits)
        });
        assert!(played, "{method} {path} has no golden example");
    }
}

#[test]
fn a_line_is_written_to_the_letter() {
    let test_box = start();
    let answer = test_box.admin().get("/config/v2/organisations/1");
    let line = "{\"orgId\":\"1\",\"orgName\":\"Infinity Tracking\",\"orgStatus\":\"200\",\"brandingId\":\"1\",\
                \"brandingName\":\"Infinity\",\"logoFilename\":\"2f883544-d320-4418-bb6c-b8d93bc97854.png\",\
                \"landingDomain\":\"infinity-tracking.com\",\"primaryColor\":\"#E52D87\"}\n";
    assert_eq!(answer.text, line);
    let list = test_box.admin().get("/config/v2/organisations");
    assert_eq!(list.text, line);
}
