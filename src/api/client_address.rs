//! Where a request comes from: the peer, or, where the peer is a proxy that the box trusts, whoever the proxy says.
//!
//! `X-Forwarded-For` is written by anybody: only what trusted proxies have added at its right end is believed. Nothing is
//! read of it where no proxy is trusted.

use std::{net::IpAddr, rc::Rc};

use actix_web::HttpRequest;

use super::bridge::Bridge;
use crate::model::network::Network;

/// Hops that are gone back through trusted proxies; more is no chain of proxies.
const HOPS_MAX: usize = 32;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that stands for the client in the log, in the audit trail, where sign-ins are slowed down, and where a key
/// is taken from some network only. `None` for the local socket.
pub(super) fn of(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let Some(bridge) = request.app_data::<Rc<Bridge>>() else { return Some(peer) };
    let trusted = &bridge.shared().settings.trusted_proxies;
    if trusted.is_empty() {
        return Some(peer);
    }
    let headers = request.headers().get_all(FORWARDED_FOR).map(|value| value.as_bytes());
    Some(client(peer, trusted, headers))
}

/// Goes back hop by hop, from the peer through the headers' entries from right to left, for as long as the hop is trusted.
/// An entry that is no address ends the way: then the client is the proxy that passed it on.
fn client<'a>(peer: IpAddr, trusted: &[Network], headers: impl Iterator<Item = &'a [u8]>) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let headers: Vec<_> = headers.collect();
    let entries = headers.into_iter().rev().flat_map(|header| header.rsplit(|byte| *byte == b','));
    for entry in entries.take(HOPS_MAX) {
        let Some(hop) = address(entry) else { break };
        client = hop;
        if !is_trusted(hop) {
            break;
        }
    }
    client
}

/// `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, and with a port, as some proxies write it.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| Some(text.parse::<std::net::SocketAddr>().ok()?.ip()));
    let address = address.or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Peer, headers in their order, and who is taken for the client where 10.0.0.1, 10.1.0.0/16 and 2001:db8:1::/48 are
    /// trusted.
    const TABLE: &[(&str, &[&str], &str)] = &[
        // Who is not trusted says what it likes.
        ("192.0.2.9", &[], "192.0.2.9"),
        ("192.0.2.9", &["198.51.100.1"], "192.0.2.9"),
        ("10.0.0.2", &["198.51.100.1"], "10.0.0.2"),
        // One proxy.
        ("10.0.0.1", &[], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
        ("2001:db8:1::5", &["2001:db8:2::7"], "2001:db8:2::7"),
        // What the client wrote itself stands further left.
        ("10.0.0.1", &["10.1.0.1, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", &["127.0.0.1,198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", &["127.0.0.1", "198.51.100.1"], "198.51.100.1"),
        // A chain of proxies, in one header and in several.
        ("10.0.0.1", &["203.0.113.7, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        ("10.0.0.1", &["203.0.113.7, 198.51.100.1", "10.1.2.3"], "198.51.100.1"),
        ("10.0.0.1", &["10.1.9.9, 10.1.2.3"], "10.1.9.9"),
        // Other spellings.
        ("10.0.0.1", &["198.51.100.1:49152"], "198.51.100.1"),
        ("10.0.0.1", &["[2001:db8:2::7]:49152"], "2001:db8:2::7"),
        ("10.0.0.1", &["[2001:db8:2::7]"], "2001:db8:2::7"),
        ("10.0.0.1", &["\t198.51.100.1  "], "198.51.100.1"),
        ("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
        // Nonsense stands for the proxy that passed it on.
        ("10.0.0.1", &[""], "10.0.0.1"),
        ("10.0.0.1", &["unknown"], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.1,"], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.1, _hidden, 10.1.2.3"], "10.1.2.3"),
        ("10.0.0.1", &["198.51.100.999"], "10.0.0.1"),
        ("10.0.0.1", &["[198.51.100.1]"], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.1 198.51.100.2"], "10.0.0.1"),
    ];

    #[test]
    fn only_what_trusted_proxies_have_added_is_believed() {
        let trusted = ["10.0.0.1", "10.1.0.0/16", "2001:db8:1::/48"]
            .map(|network| Network::parse(network).expect("the table is in order"));
        for (peer, headers, wanted) in TABLE {
            let found = client(
                peer.parse().expect("the table is in order"),
                &trusted,
                headers.iter().map(|header| header.as_bytes()),
            );
            assert_eq!(found.to_string(), *wanted, "{peer} with {headers:?}");
        }
        let bytes: [&[u8]; 1] = [b"198.51.100.1, \xff\xfe"];
        let found = client("10.0.0.1".parse().expect("the table is in order"), &trusted, bytes.into_iter());
        assert_eq!(found.to_string(), "10.0.0.1");
    }

    #[test]
    fn an_endless_chain_is_not_followed_to_its_end() {
        let trusted = [Network::parse("10.0.0.0/8").expect("the table is in order")];
        let chain = (0..100).map(|hop| format!("10.0.1.{hop}")).collect::<Vec<_>>().join(",");
        let found =
            client("10.0.0.1".parse().expect("the table is in order"), &trusted, [chain.as_bytes()].into_iter());
        assert_eq!(found.to_string(), "10.0.1.68");
    }
}
