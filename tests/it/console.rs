//! The console: a page of its own that nothing from elsewhere gets into, used by a real browser. `.ci/run` installs what the
//! browser is driven with.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    native::upstream::set_aside_first_two,
    support::{TestBox, test_box::ADMIN_PASSWORD},
};

#[test]
fn whoever_types_the_boxs_name_is_led_to_the_console() {
    let test_box = TestBox::start();
    let answer = test_box.client().get("/").expect(303);
    assert_eq!(answer.header("location"), "/console");
    assert!(test_box.client().get("/console").expect(200).text.contains("<title>orgbox</title>"));
}

#[test]
fn a_person_sees_and_decides_with_a_browser_what_the_command_line_does() {
    let installed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/browser");
    let place = env::var_os("ORGBOX_BROWSER").map_or_else(installed, PathBuf::from);
    let Some(chromium) =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser"].into_iter().find(|at| Path::new(at).exists())
    else {
        return skip("Chromium is not there");
    };
    if !place.join("node_modules/playwright-core").is_dir() {
        return skip("playwright-core is not there");
    }
    let test_box = TestBox::with("[organizations.north]\npurge_days = 90\n");
    let admin = test_box.admin();
    let create = |new: Value| admin.json("POST", "/orgbox/v1/organizations", &new).expect(201).json()["id"].clone();
    for number in 0..51 {
        create(json!({ "title": format!("Site {number}") }));
    }
    let north = create(json!({ "name": "north", "title": "<img src=x onerror=alert(1)>" }));
    admin.json("PUT", &format!("/orgbox/v1/organizations/{north}/hold"), &json!({ "reason": "Case 17" })).expect(200);
    set_aside_first_two(&test_box);
    let guest = json!({ "login": "guest", "password": "a guest's password", "email": "guest@example.org" });
    admin.json("POST", "/orgbox/v1/users", &guest).expect(201);

    let url = format!("http://{}", test_box.running().addresses[0]);
    let mut browser = Command::new("node");
    browser.arg("tests/browser/console.mjs").arg(&place).args([chromium, &url, "admin", ADMIN_PASSWORD]);
    browser.args(["guest", "a guest's password"]);
    let told = browser.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let seen: Value = serde_json::from_slice(&told.stdout).unwrap();
    let expected = json!({
        "errors": [], "elsewhere": [], "at": "/console", "refused": "wrong login or password",
        "who": "admin, super admin", "first_page": 50, "state": "off since 2026-03-14 09:26:53 UTC", "parked": 2,
        "reason": "the server answers 422: no such plan", "too_wide": false,
        "title": format!("<img src=x onerror=alert(1)> (north, {north})"), "hold": "Under legal hold: Case 17", "images": 0,
        "purge": ["purge days", "90", "file config.toml, line 3; stored: 31"],
        "left": true, "kept": "{}", "remains": "",
        "guest": "guest, user", "guest_sees": 0, "guest_trouble": "",
    });
    assert_eq!(seen, expected);
    let told = admin.get("/orgbox/v1/audit?subject=upstream&limit=2").expect(200).json();
    let after: Vec<&Value> = told["items"].as_array().unwrap().iter().map(|row| &row["after"]["reason"]).collect();
    assert!(after.contains(&&json!("Billed by hand, ticket 17")), "{told}");
    assert_eq!(test_box.query("SELECT count(*) FROM upstream_parked"), ["0"]);
}

fn skip(why: &str) {
    // The macro's output is kept back from who runs the tests; this one is meant for them.
    let hint = format!("skipped: {why}; .ci/run installs it, or set ORGBOX_BROWSER to a folder with node_modules\n");
    std::io::stderr().write_all(hint.as_bytes()).unwrap();
}
