//! Behind a proxy: who is taken for the client.

use serde_json::json;

use crate::support::{Client, TestBox};

const TRUSTED: &str = "[server]\ntrusted_proxies = [\"127.0.0.0/8\"]\n";
const CLIENT: &str = "203.0.113.7";

fn from(client: &Client, header: &str) -> Client {
    client.with("x-forwarded-for", header)
}

fn last_address(test_box: &TestBox) -> String {
    test_box.query("SELECT address FROM audit WHERE address IS NOT NULL ORDER BY id DESC LIMIT 1").concat()
}

#[test]
fn the_audit_trail_names_the_client_only_where_the_proxy_is_trusted() {
    for (toml, header, address) in [
        ("", CLIENT, "127.0.0.1"),
        ("[server]\ntrusted_proxies = [\"10.0.0.1\"]\n", CLIENT, "127.0.0.1"),
        (TRUSTED, CLIENT, CLIENT),
        (TRUSTED, "198.51.100.1, 203.0.113.7, 127.0.0.9", CLIENT),
        (TRUSTED, "unknown", "127.0.0.1"),
    ] {
        let test_box = TestBox::with(toml);
        let body = json!({ "name": "newcomer", "longName": "Newcomer" });
        from(&test_box.admin(), header).json("POST", "/api/v1/orgs", &body).expect(201);
        assert_eq!(last_address(&test_box), address, "{toml} with {header}");
    }
}

#[test]
fn those_who_guess_passwords_behind_a_proxy_slow_down_only_themselves() {
    for (toml, others) in [(TRUSTED, 200), ("", 429)] {
        let test_box = TestBox::with(toml);
        let guessing = from(&test_box.client().basic("admin", "wrong"), CLIENT);
        for _ in 0..6 {
            guessing.get("/api/v1/users");
        }
        assert_eq!(guessing.get("/api/v1/users").status, 429);
        let other = from(&test_box.admin(), "203.0.113.8");
        assert_eq!(other.get("/api/v1/users").status, others, "{toml}");
    }
}

#[test]
fn a_key_of_one_network_is_asked_for_the_client_and_not_for_the_proxy() {
    let test_box = TestBox::with(TRUSTED);
    let body = json!({ "user": "admin", "name": "north", "network": "203.0.113.0/24" });
    let made = test_box.admin().json("POST", "/orgbox/v1/keys", &body).expect(201).json();
    let key = test_box.client().with("authorization", &format!("Bearer {}", made["key"].as_str().unwrap()));
    from(&key, CLIENT).get("/orgbox/v1/whoami").expect(200);
    // A worker remembers whose key it is, and asks again where it comes from.
    from(&key, "198.51.100.1").get("/orgbox/v1/whoami").expect(401);
    from(&key, "203.0.113.7, 198.51.100.1").get("/orgbox/v1/whoami").expect(401);
    key.get("/orgbox/v1/whoami").expect(401);
}
