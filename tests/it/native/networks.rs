//! Networks in CIDR form: what a block holds, and what is none.

use orgbox::model::network::Network;

#[test]
fn blocks_hold_what_they_say() {
    for (network, address, holds) in [
        ("10.0.0.0/8", "10.255.0.1", true),
        ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("192.168.7.9", "192.168.7.9", true),
        ("192.168.7.9", "192.168.7.8", false),
        ("192.168.7.8/31", "192.168.7.9", true),
        ("0.0.0.0/0", "203.0.113.5", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
        ("::/0", "2001:db8::1", true),
        ("::/0", "10.0.0.1", false),
        ("::1", "::1", true),
    ] {
        let block = Network::parse(network).unwrap();
        assert_eq!(block.contains(address.parse().unwrap()), holds, "{address} in {network}");
    }
}

#[test]
fn what_is_no_block_is_refused() {
    for text in ["", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/+8", "::/129", "2001:db8::1/32", "all"] {
        assert_eq!(Network::parse(text), None, "{text}");
    }
    assert_eq!(Network::parse("10.0.0.0/08").unwrap().to_string(), "10.0.0.0/8");
    assert_eq!(Network::parse("10.1.2.3").unwrap().to_string(), "10.1.2.3/32");
}
