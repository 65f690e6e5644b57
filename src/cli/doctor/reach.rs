//! Whether the billing system can be reached. A connection is opened and closed; where TLS or a proxy is on the way, the
//! head of its address is asked for as well, without any credential. It is told nothing.

use std::{
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    sync::mpsc::channel,
    time::Duration,
};

use super::finding::Finding;
use crate::{app::visit, config::Config};

const PART: &str = "upstream";
/// What one address may take, and the name and all addresses together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(10);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;

/// Opens a connection to the billing system, or to the proxy before it.
pub(super) fn check(config: &Config) -> Finding {
    let (url, what) = match (config.upstream.url.as_str(), config.upstream.proxy.as_str()) {
        ("", _) => return Finding::skipped(PART, "none is configured"),
        (url, "") => (url, "the billing system"),
        (_, proxy) => (proxy, "the proxy before the billing system"),
    };
    let Some((host, port)) = place(url) else { return Finding::skipped(PART, "there is nothing to connect to") };
    let (sender, receiver) = channel();
    let name = (host.clone(), port);
    // A name that is not answered cannot be given up: the thread is left to itself, and ends with the process.
    std::thread::spawn(move || drop(sender.send(connect(&name))));
    let outcome = receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("no answer in time".to_owned()));
    match outcome {
        Ok(address) => greeted(config, format!("{what} takes connections at {address}")),
        Err(why) => Finding::bad(
            PART,
            format!("{what} at {host}:{port} cannot be reached: {why}"),
            "Check the cable, the name server and the firewall, and whether [upstream] url is right. Nothing is lost: events wait on the box.",
        ),
    }
}

/// What comes after a connection: TLS, with the certificates of both sides.
fn greeted(config: &Config, connected: String) -> Finding {
    match visit::greet_billing(config) {
        None => Finding::well(PART, connected),
        Some(Ok(())) => Finding::well(PART, format!("{connected}, and the billing system answers")),
        Some(Err(why)) => Finding::bad(
            PART,
            format!("{connected}, but no request comes through: {why}"),
            "Check [upstream] url, ca_file, client_cert_file and proxy, and the clock of the box. Nothing is lost: events wait on the box.",
        ),
    }
}

fn connect((host, port): &(String, u16)) -> Result<SocketAddr, String> {
    let addresses = (host.as_str(), *port).to_socket_addrs().map_err(|error| error.to_string())?;
    let mut why = "the name has no address".to_owned();
    for address in addresses.take(ADDRESSES_MAX) {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(_) => return Ok(address),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

/// Host and port of an address on the web.
fn place(url: &str) -> Option<(String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let default = if scheme.eq_ignore_ascii_case("http") { 80 } else { 443 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, default),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn host_and_port_come_out_of_an_address() {
        let of = |url: &str| place(url).expect("a host");
        assert_eq!(of("https://billing.example/v1?a=b"), ("billing.example".to_owned(), 443));
        assert_eq!(of("http://u:p@[::1]:8080/x"), ("::1".to_owned(), 8080));
        assert_eq!(of("https://[fe80::1]/"), ("fe80::1".to_owned(), 443));
        assert_eq!(place("file:"), None);
    }
}
