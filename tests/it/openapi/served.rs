//! `/openapi.json`, `/docs` and `orgbox openapi`: the same document, for anybody, without a network.

use std::process::Command;

use base64::{Engine, engine::general_purpose::STANDARD};
use orgbox::api::openapi;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{TestBox, client::Answer};

#[test]
fn the_document_is_served_to_anybody_and_revalidated() {
    let test_box = TestBox::start();
    let html = "text/html; charset=utf-8";
    for (path, media_type) in [("/openapi.json", "application/json"), ("/docs", html), ("/console", html)] {
        let answer = test_box.client().get(path).expect(200);
        assert_eq!(answer.header("content-type"), media_type);
        assert_eq!(answer.header("cache-control"), "no-cache");
        let etag = answer.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 20, "{etag}");
        let again = test_box.client().with("if-none-match", &etag).get(path).expect(304);
        assert_eq!((again.text.as_str(), again.header("etag")), ("", etag.as_str()));
        let other = test_box.client().with("if-none-match", "\"other\"").get(&format!("{path}/")).expect(200);
        assert_eq!(other.text, answer.text);
    }
    assert_eq!(test_box.client().get("/openapi.json").json(), openapi::document());
}

#[test]
fn the_command_line_prints_what_is_served() {
    let printed = Command::new(env!("CARGO_BIN_EXE_orgbox")).arg("openapi").output().unwrap();
    assert!(printed.status.success());
    assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).unwrap(), openapi::document());
}

#[test]
fn the_document_is_ours() {
    let document = openapi::document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "orgbox");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["info"]["license"]["identifier"], "MIT OR Apache-2.0");
    let aliases = &document["paths"]["/api/v1/orgs"]["get"]["x-aliases"];
    assert_eq!(*aliases, serde_json::json!(["/api/orgs"]));
    // What a dialect answers is taken from what it renders.
    let refused = &document["components"]["responses"]["watcher.403"]["content"]["application/json"]["examples"];
    assert_eq!(refused["bad_key"]["value"]["error_code"], "WrongApikey");
}

#[test]
fn a_page_runs_its_own_script_and_nothing_from_elsewhere() {
    let test_box = TestBox::start();
    for path in ["/docs", "/console"] {
        assert_closed(&test_box.client().get(path).expect(200));
    }
}

#[track_caller]
fn assert_closed(page: &Answer) {
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    for tag in ["script", "style"] {
        let (_, rest) = page.text.split_once(&format!("<{tag}>")).unwrap();
        let (inline, rest) = rest.split_once(&format!("</{tag}>")).unwrap();
        let digest = STANDARD.encode(Sha256::digest(inline.as_bytes()));
        assert!(tag == "script" || !inline.contains("url("), "the style names a file");
        assert!(policy.contains(&format!("{tag}-src 'sha256-{digest}'")), "{tag}: {policy}");
        assert!(!rest.contains(&format!("<{tag}")), "one {tag}");
    }
    for elsewhere in ["src=", "@import", "https://", "style=\"", " onclick"] {
        assert!(!page.text.contains(elsewhere), "the page has {elsewhere}");
    }
    assert!(page.text.len() < 64 << 10, "{} bytes", page.text.len());
}
