//! `orgbox serve`: what it prints, how it stops, and why it does not start.

use std::{
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt},
    os::unix::process::CommandExt,
    process::Stdio,
};

use super::{ADMIN_PASSWORD, Folder, Server, status_for};

#[test]
fn a_first_start_shows_a_password_once_and_it_works() {
    let folder = Folder::new();
    let server = Server::start(&mut folder.command(&["serve"]));
    let told = server.told.clone();
    let [first, second] = &told[..] else { panic!("{told:?}") };
    let password = first.strip_prefix("First start. Sign in as `admin` with the password ").unwrap();
    assert_eq!(second, "It is not shown again; change it with: orgbox user passwd admin");
    assert_eq!(status_for(&server, "admin", password), 200);
    assert!(server.stop("TERM").success());
    let again = Server::start(&mut folder.command(&["serve"]));
    assert!(again.told.is_empty(), "{:?}", again.told);
    assert_eq!(status_for(&again, "admin", password), 200);
}

#[test]
fn the_environment_sets_the_first_password() {
    let folder = Folder::new();
    let server = folder.serve();
    assert!(server.told.is_empty(), "{:?}", server.told);
    assert_eq!(status_for(&server, "admin", ADMIN_PASSWORD), 200);
    server.stop("TERM");
    // The first one only: later it is the user's own.
    let later = Server::start(folder.command(&["serve"]).env("ORGBOX_ADMIN_PASSWORD", "another password"));
    assert_eq!(status_for(&later, "admin", "another password"), 401);
    assert_eq!(status_for(&later, "admin", ADMIN_PASSWORD), 200);
}

#[test]
fn the_credential_sets_the_first_password_before_the_environment() {
    let folder = Folder::new();
    folder.write("credentials/admin-password", "from the credential\n");
    let mut command = folder.command(&["serve"]);
    command.env("CREDENTIALS_DIRECTORY", folder.path("credentials")).env("ORGBOX_ADMIN_PASSWORD", ADMIN_PASSWORD);
    let server = Server::start(&mut command);
    assert!(server.told.is_empty(), "{:?}", server.told);
    assert_eq!(status_for(&server, "admin", "from the credential"), 200);
    assert_eq!(status_for(&server, "admin", ADMIN_PASSWORD), 401);
}

#[test]
fn both_signals_stop_it_in_good_order() {
    let folder = Folder::new();
    for signal in ["TERM", "INT"] {
        assert_eq!(folder.serve().stop(signal).code(), Some(0), "{signal}");
        // The log was written back, so the file alone is the whole database.
        let left = std::fs::metadata(folder.path("data/orgbox.db-wal")).map_or(0, |file| file.len());
        assert_eq!(left, 0, "{signal}");
    }
}

#[test]
fn a_second_server_on_the_same_database_is_refused() {
    let folder = Folder::new();
    let server = folder.serve();
    let told = folder.run(&["serve"]).refused(69);
    let path = folder.path("data/orgbox.db").display().to_string();
    assert!(told.ends_with(&format!(
        "orgbox: {path} is served by another orgbox: stop that one first, or name another file under [database] path\n"
    )), "{told}");
    assert_eq!(status_for(&server, "admin", ADMIN_PASSWORD), 200);
    assert!(server.stop("TERM").success());
    folder.serve();
}

#[test]
fn an_address_in_use_is_told_and_does_not_cost_the_first_password() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    folder.write(
        "config.toml",
        format!("version = 1\n[server]\nlisten = \"{address}\"\n[database]\npath = \"data/orgbox.db\"\n"),
    );
    let told = folder.run(&["serve"]).refused(69);
    assert!(told.contains(&format!("orgbox: cannot listen on {address}: Address already in use")), "{told}");
    assert!(told.ends_with(": choose another under [server] listen\n"), "{told}");
    drop(taken);
    let server = Server::start(&mut folder.command(&["serve"]));
    assert_eq!(server.told.len(), 2, "{:?}", server.told);
}

#[test]
fn a_newer_schema_is_left_alone() {
    let folder = Folder::set_up();
    folder.database().pragma_update(None, "user_version", 99).unwrap();
    for arguments in [&["serve"][..], &["user", "list"]] {
        let told = folder.run(arguments).refused(78);
        assert!(told.contains("has schema version 99, but this orgbox knows only up to "), "{told}");
    }
    assert_eq!(folder.query("PRAGMA user_version"), ["99"]);
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("data")).unwrap();
    folder.database().execute_batch("CREATE TABLE recipes (name TEXT); PRAGMA application_id = 7").unwrap();
    for arguments in [&["serve"][..], &["user", "list"]] {
        let told = folder.run(arguments).refused(78);
        assert!(
            told.ends_with("orgbox.db is not an orgbox database: name another file under [database] path\n"),
            "{told}"
        );
    }
    assert_eq!(folder.query("SELECT name FROM sqlite_schema"), ["recipes"]);
}

#[test]
fn a_path_where_no_file_can_be_is_a_matter_of_configuration() {
    let folder = Folder::new();
    folder.write("file", "");
    std::fs::create_dir(folder.path("folder")).unwrap();
    for (path, said) in
        [("folder", "Is a directory"), ("file/orgbox.db", "File exists"), ("/proc/none/orgbox.db", "No such file")]
    {
        folder.write(
            "config.toml",
            format!("version = 1\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\npath = \"{path}\"\n"),
        );
        let told = folder.run(&["serve"]).refused(78);
        assert!(told.contains(&format!("orgbox.db: {said}")) || told.contains(&format!("folder: {said}")), "{told}");
        assert!(
            told.ends_with(": name a file in a folder that exists or can be made, under [database] path\n"),
            "{told}"
        );
    }
}

#[test]
fn a_database_that_may_not_be_read_is_a_matter_of_permission() {
    let folder = Folder::set_up();
    let mode = |name: &str, mode| {
        std::fs::set_permissions(folder.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("data/orgbox.db", 0o000);
    mode(".", 0o755);
    let is_root = std::fs::metadata(folder.path("config.toml")).unwrap().uid() == 0;
    for arguments in [&["serve"][..], &["user", "list"]] {
        let mut command = folder.command(arguments);
        command.stdin(Stdio::null());
        if is_root {
            // Nothing is forbidden to root, so nobody asks.
            command.uid(65534).gid(65534);
        }
        let output = match command.output() {
            Ok(output) => output,
            Err(error) if is_root => {
                eprintln!("skipped: as root, and the binary cannot be run as nobody: {error}");
                return;
            }
            Err(error) => panic!("{error}"),
        };
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(77), "{told}");
        assert!(told.contains("orgbox.db: permission denied: make the file and its folder writable"), "{told}");
    }
}
