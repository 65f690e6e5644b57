//! What an operator finds on standard error: every refusal with its request's id and the reason, and never a secret.

use super::Folder;
use crate::support::{Server, test_box::ADMIN_PASSWORD};

/// The only line that holds this.
#[track_caller]
fn line(log: &str, wanted: &str) -> String {
    let found: Vec<&str> = log.lines().filter(|line| line.contains(wanted)).collect();
    let [line] = found[..] else { panic!("{wanted}: {log}") };
    line.to_owned()
}

#[test]
fn a_start_and_a_stop_are_told() {
    let folder = Folder::set_up();
    let server = folder.serve();
    let log = server.log();
    let path = folder.path("data/orgbox.db").display().to_string();
    assert_eq!(log.lines().count(), 1, "{log}");
    let told = format!("INFO started version=\"0.1.0\" database={path} addresses=[{}]", server.address);
    assert!(log.trim_end().ends_with(&told), "{log}");
}

#[test]
fn a_refusal_is_told_with_its_request_and_reason() {
    let folder = Folder::set_up();
    let server = folder.serve();
    let missing = server.client().get("/api/v1/orgs/nowhere").expect(404);
    let told = line(&server.log(), missing.header("x-request-id"));
    assert!(told.contains(" INFO request refused request_id="), "{told}");
    let request = "dialect=\"wotkit\" method=GET path=\"/api/v1/orgs/nowhere\" status=404 peer=\"127.0.0.1\"";
    assert!(told.ends_with(&format!("{request} reason=\"organization not found\"")), "{told}");
    // What a client sends cannot make a line of its own.
    let body = serde_json::json!({ "name": "x\nINFO started", "longName": "Long enough" });
    let refused = server.admin().json("POST", "/api/v1/orgs", &body).expect(400);
    assert!(line(&server.log(), refused.header("x-request-id")).contains("status=400"));
    assert_eq!(server.log().lines().filter(|line| line.contains("INFO started")).count(), 1);
    // What goes well is not told.
    let fine = server.client().get("/api/v1/orgs/default").expect(200);
    assert!(!server.log().contains(fine.header("x-request-id")));
}

#[test]
fn a_failed_sign_in_is_told_without_the_password() {
    let folder = Folder::set_up();
    let server = folder.serve();
    let name = "x".repeat(5000);
    let refused = server.client().basic(&name, "a wrong secret").get("/api/v1/orgs").expect(401);
    let log = server.log();
    let warned = line(&log, "sign-in failed");
    let request_id = refused.header("x-request-id");
    let told =
        format!("WARN sign-in failed request_id={request_id} account=\"{}\" peer=\"127.0.0.1\"", "x".repeat(100));
    assert!(warned.ends_with(&told), "{warned}");
    server.admin().get("/api/v1/orgs").expect(200);
    let log = server.log();
    assert!(!log.contains("a wrong secret") && !log.contains(ADMIN_PASSWORD), "{log}");
}

#[test]
fn what_is_logged_can_be_set_and_a_slip_is_told() {
    let folder = Folder::set_up();
    let with = |level: &str| Server::start(folder.command(&["serve"]).env("ORGBOX_LOG", level));
    let server = with("debug");
    let fine = server.client().get("/api/v1/orgs/default").expect(200);
    assert!(line(&server.log(), fine.header("x-request-id")).contains("DEBUG request "));
    drop(server);
    assert_eq!(with("warn").log(), "");
    assert_eq!(with("").log().lines().count(), 1);
    for slip in ["inof", "orgbox=inof", "loud"] {
        let log = with(slip).log();
        let told = format!("WARN ORGBOX_LOG is \"{slip}\", which is neither a level nor directives");
        assert!(log.contains(&told) && log.contains("INFO started"), "{log}");
    }
}
