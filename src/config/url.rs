//! A URL as far as the configuration must understand it: scheme and host.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Scheme and host of an `http://` or `https://` URL.
pub(super) struct Url<'a> {
    https: bool,
    host: &'a str,
}

impl<'a> Url<'a> {
    /// `None` where it is none, or holds a user, a password, a fragment, white space or anything beyond visible ASCII.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (https, rest) = match text.split_once("://")? {
            ("https", rest) => (true, rest),
            ("http", rest) => (false, rest),
            _ => return None,
        };
        let authority = rest.split(['/', '?']).next()?;
        let is_clean = text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains(['#', '\\', '"', '<', '>']);
        if !is_clean || authority.contains('@') {
            return None;
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                host.parse::<Ipv6Addr>().ok()?;
                (host, port.strip_prefix(':').or_else(|| port.is_empty().then_some("80"))?)
            }
            None => authority.split_once(':').unwrap_or((authority, "80")),
        };
        let is_host = !host.is_empty() && host.len() <= 253 && !host.contains(['[', ']', ' ', ',']);
        (is_host && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(Self { https, host })
    }

    /// Whether what is sent there could be read on the way: not HTTPS, and not to this machine itself.
    pub(super) fn is_exposed(&self) -> bool {
        let is_loopback = self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || self.host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback());
        !self.https && !is_loopback
    }
}
