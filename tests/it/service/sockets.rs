//! Sockets that somebody has opened for the box, as systemd hands them over.

use std::process::Command;

use super::Managed;
use crate::support::Server;

/// Opens the sockets and becomes the box, whose process must have the number in `LISTEN_PID`.
const PASS: &str = "
import os, socket, sys
kinds, names = sys.argv[1], sys.argv[2]
for number, kind in enumerate(kinds.split(','), 3):
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
    opened.bind(('127.0.0.1', 0))
    if kind == 'tcp':
        opened.listen()
    os.dup2(opened.detach(), number)
    os.set_inheritable(number, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(kinds.split(','))), LISTEN_FDNAMES=names)
os.execv(sys.argv[3], sys.argv[3:])
";

fn command(managed: &Managed, kinds: &str, names: &str) -> Command {
    // What cannot be listened on shows that nobody tries.
    managed.write("listen = \"192.0.2.1:8480\"", "");
    let mut command = Command::new("python3");
    managed.prepare(&mut command);
    command.args(["-c", PASS, kinds, names, env!("CARGO_BIN_EXE_orgbox"), "serve", "--config"]);
    command.arg(managed.path("config.toml"));
    command
}

#[test]
fn passed_sockets_are_served_in_place_of_the_configured_address() {
    for (kinds, names) in [("tcp", "http"), ("tcp", "orgbox.socket"), ("tcp,tcp", "http:http")] {
        let managed = Managed::new();
        let server = Server::start(&mut command(&managed, kinds, names));
        server.client().get("/healthz").expect(200);
        let served = managed.until("STATUS=");
        assert_eq!(served.matches("127.0.0.1:").count(), kinds.split(',').count(), "{served}");
        assert!(!served.contains("192.0.2.1"), "{served}");
    }
}

#[test]
fn without_files_a_reload_is_over_at_once() {
    let managed = Managed::new();
    let mut command = Command::new("python3");
    managed.prepare(&mut command);
    // The port of the default configuration may be taken.
    let server = Server::start(command.args(["-c", PASS, "tcp", "http", env!("CARGO_BIN_EXE_orgbox"), "serve"]));
    managed.until("READY=1");
    server.signal("HUP");
    managed.until("RELOADING=1");
    managed.until("READY=1");
}

#[test]
fn a_socket_that_means_nothing_is_refused() {
    for (kinds, names, why) in [
        ("tcp", "metrics", "orgbox: the passed socket `metrics` is not known; name it `http`\n"),
        ("udp", "http", "orgbox: the passed socket `http` cannot be used: "),
    ] {
        let managed = Managed::new();
        let output = command(&managed, kinds, names).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{told}");
        assert!(told.contains(why), "{told}");
        assert_eq!(managed.told_within(std::time::Duration::from_millis(1)), None);
    }
}
