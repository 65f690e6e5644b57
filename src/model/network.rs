//! Networks in CIDR form: which addresses a key is taken from.

use std::{fmt, net::IpAddr};

/// A block of addresses: `10.0.0.0/8`, `2001:db8::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads a block; an address alone is a block of one. `None` where it is neither, or where the address has bits beyond
    /// the prefix: whoever writes `10.0.0.1/8` means one or the other.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().ok()?;
        let width = width(address);
        let prefix = match prefix {
            None => width,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
        };
        let network = Self { address, prefix };
        (prefix <= width && number(address) & !network.mask() == 0).then_some(network)
    }

    /// Whether an address is in the block. An IPv4 address that arrived over an IPv6 socket is taken for what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        width(address) == width(self.address) && (number(address) ^ number(self.address)) & self.mask() == 0
    }

    /// The bits of an address that tell the block, within its width.
    fn mask(&self) -> u128 {
        let width = width(self.address);
        let all = u128::MAX >> (128 - width);
        all & !all.checked_shr(self.prefix).unwrap_or(0)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.prefix)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}
