//! No secret leaves: nothing of a password, key, token or single sign-on secret stands in an event or the audit trail.

use orgbox::{
    model::{
        OrgId, UserId,
        credential::{NewKey, Scope, SessionKind},
        organization::OrganizationPatch,
        user::UserPatch,
    },
    ops::key::hash,
    ops::{credential, organization, user},
};

use crate::support::{Bare, bare::FAKE_HASH};

#[test]
fn no_secret_is_told() {
    let bare = Bare::new();
    bare.organization("Two");
    let ann = bare.user("ann").id;
    bare.write(move |write, who| {
        let key = NewKey {
            user_id: ann,
            name: "billing".to_owned(),
            public_id: "0123456789abcdef".to_owned(),
            secret_hash: hash("fedcba9876543210"),
            expires_at_ms: None,
            scope: Scope::Full,
            organization_id: None,
            network: None,
        };
        credential::create_key(write, who, &key)?;
        credential::open_session(write, ann, SessionKind::Surfsight, &hash("a-token"), 10)?;
        let patch = UserPatch { password_hash: Some("$argon2id$second-hash".to_owned()), ..UserPatch::default() };
        user::update(write, who, ann, patch)?;
        let renamed = UserPatch { login: Some("anna".to_owned()), ..UserPatch::default() };
        user::update(write, who, ann, renamed)?;
        let patch = OrganizationPatch { title: Some("Zwei".to_owned()), ..OrganizationPatch::default() };
        organization::update(write, who, OrgId(2), patch)?;
        credential::end_key(write, who, orgbox::model::KeyId(1))
    })
    .unwrap();
    bare.write(|write, who| user::delete(write, who, UserId(2))).unwrap();

    let told = bare.column(
        "SELECT quote(type) || quote(subject) || quote(data) FROM outbox UNION ALL \
         SELECT quote(actor) || quote(subject) || quote(before) || quote(after) || quote(request_id) FROM audit",
    );
    assert!(told.len() > 15 && told.iter().any(|row| row.contains("billing")), "{told:?}");
    let mut secrets: Vec<String> =
        ["password_hash", "secret_hash", "sso_secret", "token_hash", "argon2", "fedcba9876543210", "a-token"]
            .map(str::to_owned)
            .to_vec();
    secrets.push(FAKE_HASH.to_owned());
    secrets.push(hex(&hash("fedcba9876543210")));
    secrets.push(hex(&hash("a-token")));
    secrets.extend(bare.column("SELECT lower(hex(sso_secret)) FROM organizations"));
    secrets.extend(bare.column("SELECT substr(password_hash, 2) FROM users WHERE password_hash IS NOT NULL"));
    for row in told.iter().map(|row| row.to_lowercase()) {
        for secret in &secrets {
            assert!(!row.contains(secret), "{secret} in {row}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
