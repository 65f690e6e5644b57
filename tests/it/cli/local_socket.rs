//! The local socket: whom the box takes for its operator, and what is left of it.

use std::{
    fs,
    io::{Read, Write},
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt},
        net::UnixStream,
        process::CommandExt,
    },
    process::Stdio,
};

use super::Folder;

const NOBODY: u32 = 65534;

/// One request over the socket; its status and the rest of the answer.
fn ask(folder: &Folder, request: &str, headers: &str) -> (u16, String) {
    let mut stream = UnixStream::connect(folder.path("data/orgbox.sock")).unwrap();
    let head = format!("{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

/// Runs a verb as somebody who owns nothing of it; `None` where this process may not become somebody else.
fn as_nobody(folder: &Folder, arguments: &[&str]) -> Option<(Option<i32>, String)> {
    let mut command = folder.command(arguments);
    match command.stdin(Stdio::null()).uid(NOBODY).gid(NOBODY).output() {
        Ok(output) => Some((output.status.code(), String::from_utf8(output.stderr).unwrap())),
        Err(error) => {
            eprintln!("skipped: the binary cannot be run as nobody: {error}");
            None
        }
    }
}

#[test]
fn the_operator_needs_no_password_through_the_socket() {
    let folder = Folder::new();
    let server = folder.serve();
    let file = fs::metadata(folder.path("data/orgbox.sock")).unwrap();
    assert!(file.file_type().is_socket());
    assert_eq!(file.mode() & 0o777, 0o600);
    let (status, answer) = ask(&folder, "GET /orgbox/v1/status", "");
    assert_eq!(status, 200, "{answer}");
    assert!(server.stop("TERM").success());
    assert!(!folder.path("data/orgbox.sock").exists());
}

#[test]
fn nothing_else_makes_an_operator() {
    let folder = Folder::new();
    let server = folder.serve();
    // Through the network nobody is the operator.
    assert_eq!(server.client().get("/orgbox/v1/status").status, 401);
    // A credential that is given is the one that counts, also where it is wrong.
    let (status, answer) = ask(&folder, "GET /orgbox/v1/status", "authorization: Basic YTpi\r\n");
    assert_eq!(status, 401, "{answer}");
    let (status, answer) = ask(&folder, "GET /orgbox/v1/status", "authorization: \r\n");
    assert_eq!(status, 401, "{answer}");
    // A proxy speaks for others.
    for header in ["via: 1.1 proxy", "x-forwarded-for: 10.0.0.1", "forwarded: for=10.0.0.1", "x-real-ip: 10.0.0.1"] {
        let (status, answer) = ask(&folder, "GET /orgbox/v1/status", &format!("{header}\r\n"));
        assert_eq!(status, 401, "{header}: {answer}");
    }
    // The other dialects have their own credentials.
    for (request, expected) in [
        ("GET /vsaas/api/v2/organizations", 403),
        ("GET /api/v1/users", 403),
        ("GET /config/v2/organisations", 401),
        ("GET /organizations", 401),
    ] {
        let (status, answer) = ask(&folder, request, "");
        assert_eq!(status, expected, "{request}: {answer}");
    }
}

#[test]
fn somebody_else_is_not_let_in() {
    let folder = Folder::new();
    if fs::metadata(folder.path("config.toml")).unwrap().uid() != 0 {
        eprintln!("skipped: only root can become somebody else");
        return;
    }
    let _server = folder.serve();
    let mode = |name: &str, mode| fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    mode(".", 0o755);
    mode("data", 0o755);
    let Some((code, told)) = as_nobody(&folder, &["status"]) else { return };
    let socket = folder.path("data/orgbox.sock").display().to_string();
    assert_eq!(code, Some(77), "{told}");
    assert_eq!(told, format!("orgbox: {socket} may be opened only by its owner and root: run this as one of them\n"));
    // Even where the file lets everybody in, the kernel says who it is.
    mode("data/orgbox.sock", 0o777);
    let Some((code, told)) = as_nobody(&folder, &["status"]) else { return };
    assert_eq!(code, Some(77), "{told}");
    assert!(told.contains("the box does not take you for its operator"), "{told}");
}

#[test]
fn what_a_killed_server_left_is_in_nobodys_way() {
    let folder = Folder::new();
    folder.serve().kill();
    assert!(folder.path("data/orgbox.sock").exists());
    folder.run(&["user", "list"]).ok();
    let server = folder.serve();
    assert_eq!(ask(&folder, "GET /orgbox/v1/status", "").0, 200);
    assert!(server.stop("TERM").success());
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let folder = Folder::set_up();
    folder.write("data/orgbox.sock", "a letter");
    let told = folder.run(&["serve"]).refused(78);
    assert!(told.contains("something that is no socket has this name: name another under [server] socket"), "{told}");
    assert_eq!(fs::read_to_string(folder.path("data/orgbox.sock")).unwrap(), "a letter");
}

#[test]
fn a_server_that_cannot_be_reached_is_told_with_both_names() {
    let folder = Folder::new();
    let _server = folder.serve();
    fs::remove_file(folder.path("data/orgbox.sock")).unwrap();
    let told = folder.run(&["user", "list"]).refused(69);
    let (database, socket) = (folder.path("data/orgbox.db"), folder.path("data/orgbox.sock"));
    let said = format!("{} is in use by another orgbox, but none answers at {}", database.display(), socket.display());
    assert!(told.contains(&said), "{told}");
}

#[test]
fn a_server_without_a_socket_has_to_be_stopped_first() {
    let folder = Folder::new();
    let with =
        "version = 1\n[server]\nlisten = \"127.0.0.1:0\"\nsocket = \"\"\n[database]\npath = \"data/orgbox.db\"\n";
    folder.write("config.toml", with);
    let server = folder.serve();
    assert!(!folder.path("data/orgbox.sock").exists());
    let told = folder.run(&["user", "list"]).refused(69);
    assert!(told.contains("which has no local socket: give it one under [server] socket, or stop it first"), "{told}");
    assert!(server.stop("TERM").success());
    folder.run(&["user", "list"]).ok();
}

#[test]
fn a_verb_alone_leaves_nothing_behind() {
    let folder = Folder::set_up();
    fs::create_dir(folder.path("tmp")).unwrap();
    let mut command = folder.command(&["user", "list"]);
    assert!(command.env("TMPDIR", folder.path("tmp")).output().unwrap().status.success());
    assert_eq!(fs::read_dir(folder.path("tmp")).unwrap().count(), 0);
    assert!(!folder.path("data/orgbox.sock").exists());
    // The log was written back, so the file alone is the whole database.
    assert_eq!(fs::metadata(folder.path("data/orgbox.db-wal")).map_or(0, |file| file.len()), 0);
}
