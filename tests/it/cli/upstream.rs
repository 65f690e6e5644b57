//! `orgbox upstream …` and `orgbox collector import`: a site without any link, carried by file there and back.

use std::fs;

use orgbox::{clock::Clock, collector, upstream::sign::SigningKey};
use serde_json::{Value, json};

use super::{Folder, Ran, ran};
use crate::support::{Server, server::PATIENCE};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
const OTHER_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI0";

/// A folder whose box has no link, but a signing secret.
fn without_link() -> Folder {
    let folder = Folder::new();
    folder.write("signing", SECRET);
    let config = fs::read_to_string(folder.path("config.toml")).unwrap();
    folder.write("config.toml", format!("{config}[upstream]\nsigning_secret_file = \"signing\"\n"));
    folder
}

/// Serves once the box keeps events for billing.
fn serve(folder: &Folder) -> Server {
    let server = folder.serve();
    let (_never, pause) = std::sync::mpsc::channel::<()>();
    let open = || server.admin().get("/orgbox/v1/upstream").expect(200).json()["epoch"].is_string();
    let step = std::time::Duration::from_millis(10);
    // Nobody sends: this only keeps the looks apart.
    let came = (0..PATIENCE.as_millis() / step.as_millis()).any(|_| open() || pause.recv_timeout(step).is_ok());
    assert!(came, "no epoch is opened: {}", server.log());
    server
}

fn create(server: &Server, title: &str) -> i64 {
    let made = server.admin().json("POST", "/orgbox/v1/organizations", &json!({ "title": title })).expect(201);
    made.json()["id"].as_i64().unwrap()
}

fn import(folder: &Folder, file: &str, secret: &str) -> Ran {
    folder.write("of-billing", secret);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_orgbox"));
    command.current_dir(folder.path("")).args(["collector", "import", file, "--database", "billing.db"]);
    ran(command.args(["--signing-secret-file", "of-billing"]), b"")
}

/// The titles that the collector shows.
fn titles(folder: &Folder) -> Vec<String> {
    let options = collector::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        database: folder.path("billing.db"),
        clock: Clock::system(),
        token: None,
        signing_key: None,
        observer: None,
    };
    let running = collector::start(options).unwrap();
    let site = running.sites().unwrap()[0].clone();
    let found = running.subjects(site.uuid.parse().unwrap(), collector::Kind::Organization).unwrap();
    assert!(site.difference.is_none() && site.gaps.is_empty(), "{:?}", site.difference);
    running.stop();
    let title = |state: &str| serde_json::from_str::<Value>(state).unwrap()["title"].as_str().unwrap().to_owned();
    found.iter().map(|subject| title(&subject.state)).collect()
}

fn status(folder: &Folder) -> Value {
    serde_json::from_str(&folder.run(&["upstream", "status", "--json"]).ok()).unwrap()
}

#[test]
fn a_site_without_a_link_is_carried_there_and_back() {
    let folder = without_link();
    let server = serve(&folder);
    create(&server, "North");
    let told = folder.run(&["upstream", "status"]).ok();
    assert!(told.starts_with("No link is configured; events wait until they are exported"), "{told}");
    for line in
        ["Waiting        2 events, ", "Set aside      nothing", "Last success   never", "What to do     Run `orgbox"]
    {
        assert!(told.contains(line), "{line}: {told}");
    }

    folder.run(&["upstream", "export", "--to", "a.ndjson"]).ok();
    create(&server, "Recorded after the file");
    let again = folder.run(&["upstream", "export", "--to", "b.ndjson"]).ok();
    assert!(again.contains("More waits"), "{again}");
    assert_eq!(fs::read(folder.path("a.ndjson")).unwrap(), fs::read(folder.path("b.ndjson")).unwrap());
    let there = folder.run(&["upstream", "export", "--to", "b.ndjson"]).refused(1);
    assert!(there.contains("cannot be written"), "{there}");

    assert!(import(&folder, "a.ndjson", OTHER_SECRET).refused(1).contains("not signed with this signing secret"));
    let took = import(&folder, "a.ndjson", SECRET).ok();
    assert!(took.contains("new epoch (first start)") && took.contains("snapshot complete"), "{took}");
    assert_eq!(titles(&folder), ["Default", "North"]);
    let receipt = fs::read(folder.path("a.ndjson.receipt")).unwrap();
    assert!(import(&folder, "b.ndjson", SECRET).ok().contains("came again"));
    assert_eq!(fs::read(folder.path("b.ndjson.receipt")).unwrap(), receipt, "the same file, the same receipt");

    let text = String::from_utf8(receipt).unwrap();
    folder.write("forged", text.replace("\"rejected\":[]", "\"rejected\":[],\"resync\":true"));
    assert!(folder.run(&["upstream", "ack", "forged"]).refused(1).contains("signing secret"));
    let told = folder.run(&["upstream", "ack", "a.ndjson.receipt"]).ok();
    assert!(told.contains(" events are delivered."), "{told}");
    assert!(folder.run(&["upstream", "ack", "b.ndjson.receipt"]).ok().contains("was taken before"));
    let stands = status(&folder);
    assert_eq!((&stands["queue"]["events"], &stands["telling_everything"]), (&json!(1), &json!(false)), "{stands}");
    assert!(stands["last_success"].is_string(), "{stands}");

    folder.run(&["upstream", "export", "--to", "c.ndjson"]).ok();
    let took = import(&folder, "c.ndjson", SECRET).ok();
    assert!(took.contains("1 applied, 1 noted"), "{took}");
    folder.run(&["upstream", "ack", "c.ndjson.receipt"]).ok();
    assert_eq!(titles(&folder), ["Default", "North", "Recorded after the file"]);
    assert!(folder.run(&["upstream", "export", "--to", "d.ndjson"]).refused(1).contains("nothing waits"));
    assert!(!folder.path("d.ndjson").exists());

    let last = stands["last_success"].clone();
    server.stop("TERM");
    let alone = status(&folder);
    assert_eq!(alone["state"], "at_rest");
    assert!(alone["last_success"].as_str() >= last.as_str(), "{alone}");
    let server = serve(&folder);
    create(&server, "In the same epoch");
    folder.run(&["upstream", "export", "--to", "e.ndjson"]).ok();
    assert!(!import(&folder, "e.ndjson", SECRET).ok().contains("new epoch"));
}

#[test]
fn a_file_that_was_changed_or_cut_off_is_refused() {
    let folder = without_link();
    let _server = serve(&folder);
    folder.run(&["upstream", "export", "--to", "a.ndjson"]).ok();
    let text = fs::read_to_string(folder.path("a.ndjson")).unwrap();
    for (what, changed) in [
        ("cut off in a line", text[..text.len() - 20].to_owned()),
        ("without its end", text[..text.trim_end().rfind('\n').unwrap() + 1].to_owned()),
        ("another title", text.replacen("Default", "Defaulted", 1)),
        ("another chain", text.replacen("\"chain\":\"", "\"chain\":\"0", 1)),
        ("empty", String::new()),
        ("something else", "{}\n{}\n".to_owned()),
    ] {
        folder.write("changed", changed);
        let told = import(&folder, "changed", SECRET).refused(1);
        assert!(told.starts_with("orgbox: the file "), "{what}: {told}");
    }
    assert!(!folder.path("changed.receipt").exists());
    // A collector that has never heard of what came before refuses what comes after.
    import(&folder, "a.ndjson", SECRET).ok();
    folder.run(&["upstream", "ack", "a.ndjson.receipt"]).ok();
    fs::remove_file(folder.path("billing.db")).unwrap();
    folder.run(&["org", "create", "later"]).ok();
    folder.run(&["upstream", "export", "--to", "b.ndjson"]).ok();
    let told = import(&folder, "b.ndjson", SECRET).refused(1);
    assert!(told.contains("orgbox upstream resync"), "{told}");
}

#[test]
fn what_a_receipt_refuses_is_set_aside_and_told_again() {
    let folder = without_link();
    let server = serve(&folder);
    let subject = format!("organization/{}", create(&server, "North"));
    folder.run(&["upstream", "export", "--to", "a.ndjson"]).ok();
    import(&folder, "a.ndjson", SECRET).ok();
    let exported = fs::read_to_string(folder.path("a.ndjson")).unwrap();
    let events: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let refused = events.iter().find(|event| event["subject"] == subject.as_str()).unwrap()["id"].as_str().unwrap();

    // As a billing system that knows no such plan would have it.
    let receipt = fs::read_to_string(folder.path("a.ndjson.receipt")).unwrap();
    let mut body: Value = serde_json::from_str(receipt.lines().next().unwrap()).unwrap();
    body["rejected"] = json!([{ "id": refused, "code": "no_such_plan", "retryable": false }]);
    let (id, line) = (body["batch"].as_str().unwrap(), format!("{body}\n"));
    let signed_at = body["timestamp"].as_str().unwrap().parse().unwrap();
    let signature = SigningKey::parse(SECRET).unwrap().sign(id, signed_at, line.as_bytes());
    folder.write("receipt", format!("{line}{}\n", json!({ "signature": signature })));
    let told = folder.run(&["upstream", "ack", "receipt"]).ok();
    assert!(told.contains("did not take 1: see `orgbox upstream parked`"), "{told}");
    let parked = folder.run(&["upstream", "parked"]).ok();
    assert!(parked.contains(&subject) && parked.contains("the receiver refuses it: no_such_plan"), "{parked}");

    // What follows waits behind it until it is told again as it is then.
    server.admin().json("PATCH", "/orgbox/v1/organizations/2", &json!({ "title": "South" })).expect(200);
    create(&server, "West");
    folder.run(&["upstream", "export", "--to", "b.ndjson"]).ok();
    let exported = fs::read_to_string(folder.path("b.ndjson")).unwrap();
    assert!(exported.contains("West") && !exported.contains("South"), "{exported}");
    import(&folder, "b.ndjson", SECRET).ok();
    folder.run(&["upstream", "ack", "b.ndjson.receipt"]).ok();
    assert!(folder.run(&["upstream", "retry", &subject]).ok().starts_with(&format!("Told {subject} again")));
    folder.run(&["upstream", "export", "--to", "c.ndjson"]).ok();
    import(&folder, "c.ndjson", SECRET).ok();
    folder.run(&["upstream", "ack", "c.ndjson.receipt"]).ok();
    assert_eq!(titles(&folder), ["Default", "South", "West"]);
    assert_eq!(folder.run(&["upstream", "parked"]).ok(), "Nothing was set aside.\n");
}

#[test]
fn what_was_set_aside_is_retried_or_given_up_for_a_reason() {
    let folder = without_link();
    let server = serve(&folder);
    let id = create(&server, "North");
    assert_eq!(folder.run(&["upstream", "parked"]).ok(), "Nothing was set aside.\n");
    let park = format!(
        "INSERT INTO upstream_parked (seq, event_uuid, epoch_uuid, type, subject, version, at_ms, data, reason, parked_at_ms) \
         SELECT seq, event_uuid, epoch_uuid, type, subject, version, at_ms, data, 'the server answers 422', at_ms \
         FROM outbox WHERE subject = 'organization/{id}'"
    );
    folder.database().execute(&park, []).unwrap();
    let subject = format!("organization/{id}");
    let listed = folder.run(&["upstream", "parked"]).ok();
    assert!(listed.contains(&subject) && listed.contains("the server answers 422"), "{listed}");
    let told = folder.run(&["status"]).ok();
    assert!(
        told.contains("of 1 subject events were set aside") && told.contains("See `orgbox upstream parked`"),
        "{told}"
    );
    assert!(folder.run(&["upstream", "retry", "organization/99"]).refused(1).contains("nothing of `organization/99`"));
    let told = folder.run(&["upstream", "retry", &subject]).ok();
    assert!(told.starts_with(&format!("Told {subject} again")), "{told}");

    folder.database().execute(&format!("{park} ORDER BY seq DESC LIMIT 1"), []).unwrap();
    let drop = |more: &[&str]| folder.run(&[&["upstream", "drop", subject.as_str()], more].concat());
    assert!(drop(&["--yes"]).refused(2).contains("--reason"));
    assert!(drop(&["--reason", "Billed by hand"]).refused(2).contains("Billing will never hear of this event"));
    assert_eq!(drop(&["--reason", " ", "--yes"]).refused(1).lines().count(), 1);
    let told = drop(&["--reason", "Billed by hand", "--yes"]).ok();
    assert!(told.starts_with(&format!("Gave up the event of {subject}.")), "{told}");
    let kept = folder.query("SELECT before || after FROM audit WHERE subject = 'upstream' AND operation = 'delete'");
    assert!(kept.len() == 1 && kept[0].contains("North") && kept[0].contains("Billed by hand"), "{kept:?}");
    assert_eq!(folder.run(&["upstream", "retry", "--all"]).ok().lines().next(), Some("Told 0 subjects again."));
    drop(&["--reason", "x", "--yes"]).refused(1);
}

#[test]
fn decisions_are_carried_out_by_the_box_that_runs() {
    let folder = without_link();
    let server = serve(&folder);
    let before = status(&folder);
    assert!(folder.run(&["upstream", "resume", "--yes"]).refused(1).contains("nothing to resume"));
    assert!(folder.run(&["upstream", "new-site"]).refused(2).contains("take this box for a new one"));
    folder.run(&["upstream", "new-site", "--yes"]).ok();
    let (_never, pause) = std::sync::mpsc::channel::<()>();
    let step = std::time::Duration::from_millis(10);
    let opened = |before: &Value| {
        let is_new = || {
            let now = status(&folder);
            now["epoch"] != before["epoch"] && now["epoch_due"].is_null()
        };
        assert!((0..500).any(|_| is_new() || pause.recv_timeout(step).is_ok()), "{}", server.log());
        status(&folder)
    };
    let after = opened(&before);
    assert_ne!(after["site"], before["site"]);
    let water = fs::read_to_string(folder.path("data/orgbox.hwm")).unwrap();
    assert!(water.contains(after["site"].as_str().unwrap()), "{water}");
    folder.run(&["upstream", "resync"]).ok();
    let again = opened(&after);
    assert_eq!(again["site"], after["site"]);
    assert!(folder.run(&["upstream", "try"]).ok().starts_with("The next try is made now"));
    server.stop("TERM");
    let told = folder.run(&["upstream", "resync"]).ok();
    assert!(told.contains("A new epoch is opened"), "{told}");
    let told = folder.run(&["upstream", "export", "--to", "a.ndjson"]).refused(1);
    assert!(told.contains("let it run"), "{told}");
}
