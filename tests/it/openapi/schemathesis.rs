//! Schemathesis over the whole document: thousands of requests made from it, every default check, no failure. What the
//! vendors' contracts ask for and a check does not know of is excepted in `schemathesis.toml`, each with its reason.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    time::Duration,
};

use orgbox::clock::Clock;
use serde_json::json;

use crate::support::{Client, TestBox, test_box::ADMIN_PASSWORD};

/// Operations whose bodies it cannot make, which the configuration names.
const LEFT_OUT: usize = 1;
const SYSTEM_KEY: &str = "a-system-key-of-more-than-thirty-two-characters";
const LOGIN: &str = "schemathesis";
/// Organizations and users that may be deleted before it comes to those that the run needs.
const PADDING: usize = 40;
/// Organizations that have a camera.
const CAMERAS: usize = 10;

#[test]
fn schemathesis_finds_no_failure() {
    let Some(program) = program() else {
        // The macro's output is kept back from who runs the tests; this one is meant for them.
        let hint = "skipped: schemathesis is not there; .ci/run installs it, or set SCHEMATHESIS to the program";
        writeln!(std::io::stderr(), "{hint}").unwrap();
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let key_file = directory.path().join("system-key");
    std::fs::write(&key_file, SYSTEM_KEY).unwrap();
    restrict(&key_file);
    let test_box = TestBox::with(&format!(
        "[dialects.watcher]\nsystem_key_file = {key_file:?}\nmax_sessions = 1000\n\
         [[igrps]]\nid = 1\nname = \"Places\"\ntypes = [{{ code = \"country\", name = \"Country\", order = 1 }}]"
    ));
    let token = furnish(&test_box);
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/openapi/schemathesis.toml");
    let run = passing_time(&test_box.clock, || {
        Command::new(program)
            .arg("--config-file")
            .arg(config)
            .args(["run", "--no-color", "--continue-on-failure"])
            .arg(format!("http://{}/openapi.json", test_box.running().addresses[0]))
            .envs([
                ("ORGBOX_SYSTEM_KEY", SYSTEM_KEY),
                ("ORGBOX_LOGIN", LOGIN),
                ("ORGBOX_PASSWORD", ADMIN_PASSWORD),
                ("ORGBOX_TOKEN", &token),
            ])
            .current_dir(directory.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    });
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}\n{}", String::from_utf8_lossy(&run.stderr));
    let tested = told.lines().find_map(|line| line.trim().strip_prefix("Tested: ")).unwrap_or_default();
    let documented =
        orgbox::api::openapi::document()["paths"].as_object().unwrap().values().map(operations).sum::<usize>();
    assert_eq!(tested, (documented - LEFT_OUT).to_string(), "{told}");
    // A run whose credentials ended early would have found nothing for want of looking.
    test_box.client().basic(LOGIN, ADMIN_PASSWORD).get("/config/v2/profile").expect(200);
    bearer(&test_box, &token).get("/organizations").expect(200);
}

/// Makes a box to waste: organizations, users, an administrator to be. Returns a token of that administrator.
fn furnish(test_box: &TestBox) -> String {
    let admin = test_box.client().with("x-vsaas-api-key", SYSTEM_KEY);
    let make = |path: &str, body| admin.json("POST", &format!("/vsaas/api/v2/{path}"), &body).expect(200);
    for number in 0..PADDING {
        make("organizations", json!({ "title": format!("Organization {number}"), "owner_id": 1 }));
        make("users", json!({ "login": format!("user {number}"), "is_admin": number % 2 }));
    }
    make("users", json!({ "login": LOGIN, "password": ADMIN_PASSWORD, "is_admin": true }));
    for number in 1..=CAMERAS {
        let camera = json!({ "organization_id": number + 1, "name": "Gate", "type": 1 });
        test_box.admin().json("POST", "/orgbox/v1/cameras", &camera).expect(201);
    }
    let answer =
        test_box.client().json("POST", "/authenticate", &json!({ "email": LOGIN, "password": ADMIN_PASSWORD }));
    let token = answer.expect(200).json()["data"]["token"].as_str().unwrap().to_owned();
    let connection = rusqlite::Connection::open(test_box.database()).unwrap();
    connection.execute("UPDATE sessions SET expires_at_ms = NULL", []).unwrap();
    // The first administrator's password is hashed with the least work, and will be checked often. Legal holds and files
    // are for super administrators.
    let sql = "UPDATE users SET role = 'super_admin', \
               password_hash = (SELECT password_hash FROM users WHERE id = 1) WHERE login = ?1";
    connection.execute(sql, [LOGIN]).unwrap();
    token
}

/// Works while the box's clock runs some thousand times as fast: schemathesis tries wrong credentials on every operation, and
/// whoever does that waits between two of them.
fn passing_time<T>(clock: &Clock, work: impl FnOnce() -> T) -> T {
    const TICK: Duration = Duration::from_millis(10);
    std::thread::scope(|scope| {
        let (done, ticks) = channel::<()>();
        scope.spawn(move || {
            while ticks.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                clock.advance_ms(60_000);
            }
        });
        let result = work();
        drop(done);
        result
    })
}

fn bearer(test_box: &TestBox, token: &str) -> Client {
    test_box.client().with("authorization", &format!("Bearer {token}"))
}

fn operations(item: &serde_json::Value) -> usize {
    item.as_object().unwrap().len()
}

/// The program: named by the environment, installed by `.ci/run`, or on the search path; `None` where it does not run.
fn program() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/schemathesis/bin/schemathesis");
    let named = env::var_os("SCHEMATHESIS").map(PathBuf::from);
    let places = named.into_iter().chain([installed, PathBuf::from("schemathesis")]);
    places.into_iter().find(|program| {
        let version = Command::new(program).arg("--version").stdin(Stdio::null()).output();
        version.is_ok_and(|version| version.status.success())
    })
}

fn restrict(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}
