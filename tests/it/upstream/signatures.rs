//! Signatures of batches.

use orgbox::upstream::sign::SigningKey;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn a_signature_is_that_of_the_reference_example() {
    let key = SigningKey::parse(SECRET).unwrap();
    let signed = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn one_right_signature_of_several_will_do_and_nothing_else() {
    let key = SigningKey::parse(SECRET).unwrap();
    let right = key.sign("a", 7, b"body");
    assert!(key.verify("a", 7, b"body", &format!("v1,AAAA v2,zzzz {right}")));
    assert!(!key.verify("a", 8, b"body", &right));
    assert!(!key.verify("b", 7, b"body", &right));
    assert!(!key.verify("a", 7, b"Body", &right));
    assert!(!key.verify("a", 7, b"body", ""));
}

#[test]
fn a_secret_is_checked_and_never_shown() {
    for wrong in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_***"] {
        let refusal = SigningKey::parse(wrong).unwrap_err();
        assert!(wrong.len() < 8 || !refusal.contains(&wrong[6..]), "{refusal}");
    }
    assert_eq!(format!("{:?}", SigningKey::parse(SECRET).unwrap()), "SigningKey(not shown)");
}
