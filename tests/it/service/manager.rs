//! What the manager is told: ready, reloads, stops, how it stands, and signs of life.

use std::time::Duration;

use super::{Held, Managed, limit};
use crate::support::Server;

/// As a unit with `WatchdogSec=2` hands it over.
const WATCHDOG: Duration = Duration::from_secs(2);

#[test]
fn ready_is_told_when_it_serves_what_its_files_say() {
    let managed = Managed::new();
    managed.write("listen = \"127.0.0.1:0\"", "[organizations.\"default\"]\ncamera_limit = 7\n");
    let server = Server::start(&mut managed.command());
    let told = managed.told();
    assert_eq!(told, format!("READY=1\nSTATUS=Serving on {}\n", server.address));
    assert_eq!(limit(&server), 7);
}

#[test]
fn a_start_that_fails_is_never_ready() {
    // The address may come later, with the network: such a start is worth another try.
    let managed = Managed::new();
    managed.write("listen = \"192.0.2.1:8480\"", "");
    let output = managed.command().output().unwrap();
    assert_eq!(output.status.code(), Some(69));
    assert_eq!(managed.told_within(Duration::from_millis(1)), None);
}

#[test]
fn a_reload_is_over_when_its_files_are_in_force() {
    let managed = Managed::new();
    let server = Server::start(&mut managed.command());
    managed.until("READY=1");
    managed.write("listen = \"127.0.0.1:0\"", "[organizations.\"default\"]\ncamera_limit = 9\n");
    server.signal("HUP");
    let told = managed.told();
    let monotonic_usec = told.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().trim_end();
    assert!(monotonic_usec.parse::<u64>().is_ok(), "{told}");
    managed.until("READY=1");
    assert_eq!(limit(&server), 9);
}

#[test]
fn the_status_follows_what_happens() {
    let managed = Managed::new();
    let server = Server::start(&mut managed.command());
    let serving = managed.until("STATUS=");
    managed.write("listen = \"127.0.0.1:0\"", "[organizations.\"default\"]\ncamera_limit = \"many\"\n");
    server.signal("HUP");
    assert_eq!(managed.until("STATUS="), format!("{serving}; configuration files rejected, 1 problems"));
    managed.write("listen = \"127.0.0.1:1\"", "");
    server.signal("HUP");
    assert_eq!(managed.until("STATUS="), format!("{serving}; a restart is needed for server.listen"));
}

#[test]
fn the_status_tells_of_the_link() {
    let managed = Managed::new();
    // Nobody listens at a port that was just given back.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let upstream =
        format!("[upstream]\nurl = \"http://{address}/\"\nallow_plain_http = true\nstart_jitter_seconds = 0\n");
    managed.write("listen = \"127.0.0.1:0\"", &upstream);
    let server = Server::start(&mut managed.command());
    let serving = format!("STATUS=Serving on {}; upstream retrying (", server.address);
    managed.until(&serving);
}

#[test]
fn the_status_tells_of_a_certificate_that_cannot_be_used() {
    let managed = Managed::new();
    let files = "[server.tls]\nmode = \"files\"\ncertificate_file = \"none.pem\"\nkey_file = \"none.key\"\n";
    managed.write("listen = \"127.0.0.1:0\"", files);
    let mut served = managed.command().spawn().unwrap();
    let status = managed.until("STATUS=");
    served.kill().unwrap();
    served.wait().unwrap();
    assert!(status.ends_with("; no certificate, TLS handshakes are refused"), "{status}");
}

#[test]
fn a_stop_is_told_before_it_is_done() {
    let managed = Managed::new();
    let server = Server::start(&mut managed.command());
    managed.until("READY=1");
    assert!(server.stop("TERM").success());
    managed.until("STOPPING=1");
    assert_eq!(managed.told_within(Duration::from_millis(1)), None, "nothing comes after");
}

#[test]
fn without_a_watchdog_no_signs_of_life_are_sent() {
    let managed = Managed::new();
    let server = Server::start(&mut managed.command());
    managed.until("READY=1");
    server.signal("HUP");
    managed.until("RELOADING=1");
    assert_eq!(managed.told(), "READY=1\n", "and nothing between");
}

#[test]
fn a_stuck_thread_ends_the_signs_of_life() {
    let managed = Managed::new();
    let mut command = managed.command();
    command.env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string());
    let server = Server::start(&mut command);
    for (thread, name) in [("writer", "writer"), ("actix", "http")] {
        managed.until("WATCHDOG=1");
        let seen = server.log().len();
        let Some(held) = Held::hold(server.id(), thread) else { return };
        // It says so when half the time is over.
        let told = format!("no progress; the service manager will start the box anew threads=\"{name}\"");
        server.until_logged(seen, &told);
        while managed.told_within(Duration::from_millis(1)).is_some() {}
        assert_eq!(managed.told_within(WATCHDOG / 2), None, "{name} is stuck and the manager is told that all is well");
        let seen = server.log().len();
        drop(held);
        managed.until("WATCHDOG=1");
        server.until_logged(seen, "every thread makes progress again");
    }
}
