//! How clients may call this machine: its names and the addresses of its interfaces, read off what the kernel shows. What
//! cannot be read is left out.

use std::{
    collections::BTreeSet,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Addresses that are looked at; a machine of containers may have hundreds.
const ADDRESSES_MAX: usize = 64;

/// The name of the machine, without and with its domain, and what every machine calls itself.
pub(super) fn names() -> Vec<String> {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let found = files.iter().find_map(|file| fs::read_to_string(file).ok());
    let name = found.map(|text| text.trim().to_ascii_lowercase()).filter(|name| is_host_name(name));
    let short = name.as_deref().and_then(|name| name.split('.').next()).map(str::to_owned);
    let mut names: Vec<String> = name.into_iter().chain(short).chain(["localhost".to_owned()]).collect();
    names.dedup();
    names
}

/// The addresses of all interfaces.
pub(super) fn addresses() -> Vec<IpAddr> {
    let four = fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let six = fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let found: BTreeSet<IpAddr> = of_fib_trie(&four).map(IpAddr::V4).chain(of_if_inet6(&six).map(IpAddr::V6)).collect();
    let mut addresses: Vec<_> = found.into_iter().filter(|address| !address.is_loopback()).collect();
    addresses.truncate(ADDRESSES_MAX);
    loopback.into_iter().chain(addresses).collect()
}

/// Whether this is a name of hosts, with or without dots.
pub(super) fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (1..=253).contains(&name.len()) && name.split('.').all(label)
}

/// The kernel's routing table: an address of this machine's own is followed by a line that says so.
fn of_fib_trie(table: &str) -> impl Iterator<Item = Ipv4Addr> {
    let pairs = table.lines().zip(table.lines().skip(1));
    pairs
        .filter(|(_, next)| next.trim() == "/32 host LOCAL")
        .filter_map(|(line, _)| line.trim().strip_prefix("|-- ")?.parse().ok())
}

/// The kernel's list of IPv6 addresses. Those that mean something only together with an interface are left out.
fn of_if_inet6(list: &str) -> impl Iterator<Item = Ipv6Addr> {
    let addresses = list.lines().filter_map(|line| {
        let digits = line.split_whitespace().next().filter(|digits| digits.len() == 32)?;
        Some(Ipv6Addr::from_bits(u128::from_str_radix(digits, 16).ok()?))
    });
    addresses.filter(|address| !address.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_taken_from_the_routing_table() {
        let table = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     +-- 10.0.0.0/24 2\n        \
                     |-- 10.0.0.0\n           /32 link BROADCAST\n        |-- 10.0.0.7\n           /32 host LOCAL\n";
        assert_eq!(of_fib_trie(table).collect::<Vec<_>>(), [Ipv4Addr::new(10, 0, 0, 7)]);
    }

    #[test]
    fn addresses_without_an_interface_are_taken_from_the_list() {
        let list =
            "fe800000000000000000000000000001 02 40 20 80 eth0\n20010db8000000000000000000000007 02 40 00 80 eth0\nx\n";
        assert_eq!(of_if_inet6(list).collect::<Vec<_>>(), ["2001:db8::7".parse::<Ipv6Addr>().expect("an address")]);
    }
}
