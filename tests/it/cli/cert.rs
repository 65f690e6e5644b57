//! `orgbox cert`.

use super::Folder;

fn with_tls() -> Folder {
    let folder = Folder::new();
    folder.write(
        "config.toml",
        "version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n[server.tls]\nmode = \"self-signed\"\n\
         plain_listen = [\"127.0.0.1:0\"]\n[database]\npath = \"data/orgbox.db\"\n",
    );
    folder
}

fn fingerprint(out: &str) -> String {
    out.lines().find_map(|line| line.split_once("SHA-256 ")).expect("a fingerprint").1.to_owned()
}

#[test]
fn a_running_box_shows_and_renews_its_certificate() {
    let folder = with_tls();
    let server = folder.serve();
    let first = fingerprint(&server.told.join("\n"));
    assert_eq!(first.len(), 95, "{first}");
    let shown = folder.run(&["cert", "show"]).ok();
    assert!(shown.starts_with("self-signed, valid, ") && shown.contains("localhost"), "{shown}");
    assert_eq!(fingerprint(&shown), first);
    assert!(folder.run(&["status"]).ok().contains("TLS            self-signed, valid, "));
    assert!(folder.run(&["cert", "show", "--pem"]).ok().starts_with("-----BEGIN CERTIFICATE-----\n"));
    let renewed = fingerprint(&folder.run(&["cert", "renew"]).ok());
    assert_ne!(renewed, first);
    assert!(server.stop("TERM").success());
    // With no box running the file says the same.
    assert_eq!(fingerprint(&folder.run(&["cert", "show"]).ok()), renewed);
    let again = fingerprint(&folder.run(&["cert", "renew"]).ok());
    assert_ne!(again, renewed);
    let server = folder.serve();
    assert_eq!(fingerprint(&server.told.join("\n")), again);
}

#[test]
fn without_tls_there_is_nothing_to_show() {
    let folder = Folder::set_up();
    assert!(folder.run(&["cert", "show"]).refused(1).contains("speaks no TLS"));
    assert!(folder.run(&["cert", "renew"]).refused(1).contains("speaks no TLS"));
}
