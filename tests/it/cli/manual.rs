//! `orgbox man`, `orgbox completions` and `orgbox status`.

use std::process::Command;

use super::Folder;

#[test]
fn every_verb_has_a_page() {
    let folder = Folder::new();
    let pages = folder.path("man");
    folder.run(&["man", "--to", pages.to_str().unwrap()]).ok();
    for page in ["orgbox", "orgbox-org", "orgbox-org-set", "orgbox-audit-verify", "orgbox-status"] {
        let text = std::fs::read_to_string(pages.join(format!("{page}.1"))).unwrap();
        assert!(text.contains(&page.replace('-', "\\-")), "{page}: {text}");
    }
    assert!(folder.run(&["man", "org", "set"]).ok().contains("purge_days"));
    assert_eq!(
        folder.run(&["man", "org", "craete"]).refused(1),
        "orgbox: `orgbox org` has no verb `craete`; did you mean `create`?\n"
    );
    // None of it needs a database or makes one.
    assert!(!folder.path("data").exists());
}

#[test]
fn bash_takes_its_completions() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = folder.run(&["completions", shell]).ok();
        assert!(script.contains("audit"), "{shell}");
    }
    let script = folder.write("completions", folder.run(&["completions", "bash"]).ok());
    match Command::new("bash").arg("-n").arg(script).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("skipped: there is no bash: {error}"),
    }
}

#[test]
fn status_says_whether_a_server_runs_and_is_well() {
    let folder = Folder::new();
    let server = folder.serve();
    let told = folder.run(&["status"]).ok();
    assert!(told.starts_with("The box is well.\n\nBox            Flussonic Watcher (orgbox "), "{told}");
    assert!(told.contains(", serving for "), "{told}");
    let whole: serde_json::Value = serde_json::from_str(&folder.run(&["status", "--json"]).ok()).unwrap();
    assert_eq!(
        (&whole["ready"], &whole["serving"], &whole["counts"]["users"]),
        (&true.into(), &true.into(), &1.into())
    );
    assert!(server.stop("TERM").success());
    let stopped = folder.run(&["status"]);
    assert_eq!(stopped.code, Some(69));
    assert_eq!(stopped.err, "orgbox: no server is running on this database; start one with `orgbox serve`\n");
    assert!(stopped.out.starts_with("The database is well, but no server is running on it.\n"), "{}", stopped.out);
}
