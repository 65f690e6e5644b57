//! `orgbox doctor` with the box running, stopped and broken, and what it packs for helpers.

use std::{
    fs,
    io::{Read, Seek, SeekFrom, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
};

use serde_json::Value;

use super::{Folder, ran, terminal::at_terminal_in};

/// The findings, each as `part severity says → fix`.
fn findings(folder: &Folder) -> Vec<String> {
    let ran = folder.run(&["doctor", "--json"]);
    let told: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {} {}", ran.out, ran.err));
    assert_eq!(ran.code, Some(i32::from(told["well"] != true)), "{told:#}");
    assert_eq!(ran.err, "");
    let words = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |finding: &Value| {
        let [part, severity, says, fix] = ["part", "severity", "says", "fix"].map(|name| words(&finding[name]));
        assert_eq!(matches!(&*severity, "warning" | "bad"), !fix.is_empty(), "each has its fix: {says}");
        format!("{part} {severity} {says} → {fix}")
    };
    told["findings"].as_array().unwrap().iter().map(line).collect()
}

#[track_caller]
fn finds(findings: &[String], start: &str, within: &str) {
    let found = findings.iter().any(|finding| finding.starts_with(start) && finding.contains(within));
    assert!(found, "{start} … {within} in {findings:#?}");
}

const UPSTREAM: &str = "[upstream]\nurl = \"http://127.0.0.1:9/hook\"\nca_file = \"tls.pem\"\n";

fn tls_files() -> String {
    "[server.tls]\nmode = \"files\"\ncertificate_file = \"tls.pem\"\nkey_file = \"tls.key\"\n".to_owned()
}

/// A certificate for `localhost` that lasts so many days from now, and its key.
fn issue(folder: &Folder, days: u64) {
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    parameters.not_after = rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(now + days * 86_400);
    let key = rcgen::KeyPair::generate().unwrap();
    folder.write("tls.pem", parameters.self_signed(&key).unwrap().pem());
    folder.write("tls.key", key.serialize_pem());
}

/// Overwrites the page in which the audit trail begins.
fn damage(folder: &Folder) {
    let page: u64 = folder.query("SELECT rootpage FROM sqlite_schema WHERE name = 'audit'")[0].parse().unwrap();
    let mut file = fs::OpenOptions::new().write(true).open(folder.path("data/orgbox.db")).unwrap();
    file.seek(SeekFrom::Start((page - 1) * 4096)).unwrap();
    file.write_all(&[0x5a; 4096]).unwrap();
}

#[test]
fn it_looks_at_everything_with_the_box_running_and_stopped() {
    let folder = Folder::new();
    finds(&findings(&folder), "database warning there is none at ", "orgbox serve");
    let server = folder.serve();
    let running = findings(&folder);
    finds(&running, "box well it serves, as process ", "");
    finds(&running, "database well sound: ", " rows");
    finds(&running, "certificate skipped ", "");
    finds(&running, "upstream skipped none is configured", "");
    server.stop("TERM");
    let stopped = findings(&folder);
    finds(&stopped, "box skipped no server is running", "");
    for part in ["configuration", "database", "wal", "disk", "permissions", "clock", "memory", "descriptors", "unit"] {
        for found in [&running, &stopped] {
            finds(found, &format!("{part} "), "");
        }
    }
    finds(&stopped, "configuration well ", "is in order");
    finds(&stopped, "permissions well ", "");
}

#[test]
fn a_damaged_database_is_found_and_left_as_it_is() {
    let folder = Folder::set_up();
    let database = folder.path("data/orgbox.db");
    damage(&folder);
    let before = fs::read(&database).unwrap();
    finds(&findings(&folder), "database bad damaged: ", "orgbox restore");
    assert!(fs::read(&database).unwrap() == before);
    fs::write(&database, "no database".repeat(1000)).unwrap();
    finds(&findings(&folder), "database bad ", "database_corrupt");
}

#[test]
fn references_that_lead_nowhere_are_found() {
    let folder = Folder::set_up();
    let sql = "PRAGMA foreign_keys = 0; UPDATE organizations SET owner_id = 4711;";
    folder.database().execute_batch(sql).unwrap();
    finds(&findings(&folder), "database bad 1 or more references lead nowhere", "");
}

#[test]
fn what_others_may_read_or_change_is_found() {
    let folder = Folder::set_up();
    let main = fs::read_to_string(folder.path("config.toml")).unwrap();
    folder.write("config.toml", main + "[metrics]\ntoken_file = \"token\"\n" + &tls_files() + UPSTREAM);
    issue(&folder, 100);
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(&folder.write("token", "token-of-the-monitoring"), 0o644);
    set(&folder.path("tls.pem"), 0o644);
    set(&folder.path("tls.key"), 0o644);
    set(&folder.path("config.toml"), 0o666);
    set(&folder.path("data/orgbox.db"), 0o640);
    let found = findings(&folder);
    finds(&found, "permissions bad ", "has mode 640 and holds password hashes → chmod 600 ");
    finds(&found, "permissions bad everybody may change ", "config.toml → chmod o-w ");
    finds(&found, "permissions bad everybody may read the file that metrics.token_file names", "chmod 600 ");
    finds(&found, "permissions bad everybody may read the file that server.tls.key_file names", "chmod 600 ");
    // A certificate is for everybody, and that of an authority may be the system's own.
    assert!(!found.iter().any(|finding| finding.contains("ca_file")), "{found:#?}");
    assert!(!found.iter().any(|finding| finding.starts_with("permissions well")));
}

#[test]
fn a_configuration_with_mistakes_is_a_finding_and_keeps_the_doctor_from_nothing() {
    let folder = Folder::set_up();
    let main = fs::read_to_string(folder.path("config.toml")).unwrap();
    folder.write("config.toml", main + "[nobody]\n");
    let found = findings(&folder);
    finds(&found, "configuration bad ", "config.toml:6:2: unknown key `nobody`");
    finds(&found, "database well sound: ", "");
}

#[test]
fn the_billing_system_is_connected_to_and_told_nothing() {
    let folder = Folder::set_up();
    let main = fs::read_to_string(folder.path("config.toml")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    folder.write("config.toml", format!("{main}[upstream]\nurl = \"http://127.0.0.1:{port}/events\"\n"));
    finds(&findings(&folder), "upstream well the billing system takes connections at ", "");
    let (mut connection, _) = listener.accept().unwrap();
    let mut heard = Vec::new();
    connection.read_to_end(&mut heard).unwrap();
    assert!(heard.is_empty());
    drop((connection, listener));
    finds(&findings(&folder), "upstream bad the billing system at ", "Nothing is lost");
}

#[test]
fn the_certificate_of_a_stopped_box_is_that_of_its_files() {
    let folder = Folder::set_up();
    let main = fs::read_to_string(folder.path("config.toml")).unwrap();
    finds(&findings(&folder), "certificate skipped TLS is not configured", "");
    folder.write("config.toml", format!("{main}[server.tls]\nmode = \"self-signed\"\n"));
    finds(&findings(&folder), "certificate skipped the box makes its own when it starts", "");
    folder.write("config.toml", format!("{main}{}", tls_files()));
    finds(&findings(&folder), "certificate bad refused: the certificate file cannot be read", "certificate_file");
    issue(&folder, 100);
    finds(&findings(&folder), "certificate well valid until ", "");
    issue(&folder, 9);
    finds(&findings(&folder), "certificate warning ends ", "Replace the files");
    issue(&folder, 0);
    finds(&findings(&folder), "certificate bad ended ", "Replace the files");
    let other = rcgen::KeyPair::generate().unwrap();
    folder.write("tls.key", other.serialize_pem());
    finds(&findings(&folder), "certificate bad refused: the key does not belong to the first certificate", "");
}

#[test]
fn a_billing_system_whose_tls_does_not_come_about_is_found() {
    let folder = Folder::set_up();
    let main = fs::read_to_string(folder.path("config.toml")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    folder.write("config.toml", format!("{main}[upstream]\nurl = \"https://127.0.0.1:{port}/events\"\n"));
    // Takes the connection that is closed at once, and has no idea of TLS in the next one.
    let plain = std::thread::spawn(move || {
        drop(listener.accept().unwrap());
        let (mut connection, _) = listener.accept().unwrap();
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").unwrap();
        let mut heard = Vec::new();
        drop(connection.read_to_end(&mut heard));
        heard
    });
    let found = findings(&folder);
    finds(&found, "upstream bad the billing system takes connections at ", "but no request comes through: ");
    assert_eq!(plain.join().unwrap().first(), Some(&22), "a handshake and nothing in the clear");
}

/// Names and texts of an archive's files.
fn unpack(path: &Path) -> Vec<(String, String)> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().trim_end_matches('\0').to_owned();
    let (mut at, mut files) = (0, Vec::new());
    while bytes[at] != 0 {
        let size = usize::from_str_radix(&text(&bytes[at + 124..at + 135]), 8).unwrap();
        files.push((text(&bytes[at..at + 100]), text(&bytes[at + 512..at + 512 + size])));
        at += 512 + size.next_multiple_of(512);
    }
    assert_eq!(bytes.len(), at + 1024);
    files
}

#[test]
fn no_secret_and_no_person_of_a_fully_configured_box_is_in_its_bundle() {
    let folder = Folder::set_up();
    let made = rcgen::generate_simple_self_signed(["box.example".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    folder.write("ca.pem", &certificate);
    folder.write("client.pem", &certificate);
    folder.write("client.key", &key);
    folder.write("system.key", "system-key-of-this-box");
    folder.write("metrics.token", "token-of-the-monitoring");
    folder.write("token", "token-of-the-billing");
    folder.write("signing", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz");
    let main = fs::read_to_string(folder.path("config.toml")).unwrap();
    let config = "[dialects.watcher]\nsystem_key_file = \"system.key\"\n[metrics]\ntoken_file = \"metrics.token\"\n\
                  [upstream]\nurl = \"http://127.0.0.1:9/hook\"\ntoken_file = \"token\"\n\
                  signing_secret_file = \"signing\"\nca_file = \"ca.pem\"\nclient_cert_file = \"client.pem\"\n\
                  client_key_file = \"client.key\"\n";
    folder.write("config.toml", main + config);
    folder.add_user("beth", "beth's password", &["--name", "Elizabeth Short", "--email", "beth@site.example"]);
    let key_made = folder.run(&["key", "create", "--user", "beth", "--name", "reader", "--json"]).ok();
    let key_made: Value = serde_json::from_str(&key_made).unwrap();
    let server = folder.serve();
    // A journal in which somebody has logged what nobody should.
    let shown = key_made["key"].as_str().unwrap();
    let journal = folder.write(
        "bin/journalctl",
        format!(
            "#!/bin/sh\ncat <<'END'\nSign in as `admin` with the password made-up-at-first\n\
             request refused account=\"beth\" path=/users/beth key {shown} by Elizabeth\n\
             sent with token-of-the-billing to https://ann:hidden@billing.example/?key=hidden\n{key}END\n"
        ),
    );
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path("bundle.tar.gz");
    let mut doctor = folder.command(&["doctor", "--bundle", path.to_str().unwrap()]);
    let search = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
    let ran = ran(doctor.env("PATH", search), b"");
    assert!(ran.out.contains("Packed into "), "{} {}", ran.out, ran.err);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let files = unpack(&path);
    let names: Vec<_> = files.iter().map(|(name, _)| name.strip_prefix("orgbox-doctor/").unwrap()).collect();
    for name in [
        "MANIFEST.txt",
        "versions.txt",
        "doctor.json",
        "config.toml",
        "rows.json",
        "schema.sql",
        "status.json",
        "log.txt",
        "metrics.txt",
    ] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    for name in names.iter().filter(|name| **name != "MANIFEST.txt") {
        assert!(
            files[0].1.contains(&format!("\n{name} ")) && ran.out.contains(&format!("\n{name} ")),
            "{name} is listed"
        );
    }
    let hashes = folder.query("SELECT password_hash FROM users WHERE password_hash IS NOT NULL");
    let mut secrets = ["system-key-of-this-box", "token-of-the-monitoring", "token-of-the-billing", "MDEyMzQ1Njc4OTAx"]
        .map(str::to_owned)
        .to_vec();
    secrets.extend(["made-up-at-first", "hidden"].map(str::to_owned));
    secrets.extend(["correct horse", "beth", "Elizabeth", "site.example"].map(str::to_owned));
    secrets.extend(hashes);
    secrets.extend(key.lines().filter(|line| !line.starts_with("--")).map(str::to_owned));
    secrets.push(key_made["key"].as_str().unwrap()["obk_".len()..].to_owned());
    secrets.push(key_made["public_id"].as_str().unwrap().to_owned());
    for (name, text) in &files {
        assert!(!text.is_empty(), "{name}");
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret:?} is in {name}");
        }
    }
    let text = |wanted: &str| &files.iter().find(|(name, _)| name.ends_with(wanted)).unwrap().1;
    let log = text("log.txt");
    assert!(log.contains("path=/users/[person] key [secret] by [person]"), "{log}");
    assert!(log.contains("https://[secret]@billing.example/?[secret]"), "{log}");
    let config = text("config.toml");
    assert!(config.contains("# token_file: set, not shown"), "{config}");
    // Nothing is overwritten.
    let again = folder.run(&["doctor", "--bundle", path.to_str().unwrap()]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("the bundle could not be written to "), "{}", again.err);
    server.stop("TERM");
}

#[test]
fn status_fits_one_screen_however_much_is_wrong() {
    let folder = Folder::new();
    let server = folder.serve();
    let wrong: String =
        (0..40).map(|number| format!("[organizations.\"x{number}\"]\nnobody_knows_this_key_{number} = 1\n")).collect();
    folder.write("config.d/10.toml", format!("version = 1\n[limits]\nmax_connections = 100\n{wrong}"));
    server.signal("HUP");
    let wrong = || {
        let told = folder.run(&["status", "--json"]).ok();
        serde_json::from_str::<Value>(&told).unwrap()["attention"].as_array().is_some_and(|items| !items.is_empty())
    };
    let tried = (0..600).any(|_| wrong());
    assert!(tried);
    for (columns, rows) in [(80, 24), (120, 40), (60, 14)] {
        let Some(screen) = at_terminal_in(&folder, &format!("stty cols {columns} rows {rows};"), "status") else {
            return;
        };
        let lines: Vec<_> = screen.lines().collect();
        assert!(lines.len() < rows, "{screen}");
        for line in &lines {
            let width = super::terminal::width(line.trim_end_matches('\r'));
            assert!(width <= columns, "{width}: {line:?}");
        }
        assert!(screen.contains("The box works, and one thing needs you:"), "{screen}");
        assert!(screen.contains("overrides: 40 mistakes in the files; "), "{screen}");
        assert!(screen.contains("orgbox overrides check"), "{screen}");
    }
    server.stop("TERM");
}
