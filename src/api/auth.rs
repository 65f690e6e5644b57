//! From a credential to an [`Actor`]. Dialects find the credential in a request; what it is worth is decided here.
//!
//! Two caches keep this off the path of a request: each worker remembers which actor a credential stood for until users,
//! keys or sessions change, and passwords that were verified lately are not hashed again.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use super::{
    call::Call,
    failure::{Edge, Failure},
};
use crate::{
    model::{
        KeyId,
        actor::{Actor, KeyUsed},
        credential::{SecretHash, SessionKind},
        network::Network,
        user::User,
    },
    ops::{
        credential::{self, UserSecret},
        key, password, random,
    },
};

/// Identities remembered per worker.
const IDENTITIES_MAX: usize = 4096;

/// Keys whose last use is remembered, so that not every request writes it down.
const USES_MAX: usize = 4096;
/// How exactly the last use of a key is known.
const MINUTE_MS: i64 = 60_000;

/// Characters kept of the name in a failed sign-in; no login has more.
const ACCOUNT_CHARS_MAX: usize = 100;

/// A credential as a dialect found it in a request.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    /// A user's login and password.
    Password {
        /// The login.
        login: &'a str,
        /// The password.
        password: &'a str,
    },
    /// Both halves of an API key: 16 hexadecimal digits each.
    Key {
        /// The public half.
        public_id: &'a str,
        /// The secret half.
        secret: &'a str,
    },
    /// The token of a session.
    Session {
        /// What it was opened for.
        kind: SessionKind,
        /// The token.
        token: &'a str,
    },
}

/// How a sign-in names its user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// By login.
    Login,
    /// By e-mail address, or by the login of a user without one.
    Email,
}

/// When each key was last used, as far as it has been noted; shared by all workers.
#[derive(Default)]
pub(super) struct Uses(Mutex<HashMap<KeyId, i64>>);

impl Uses {
    /// Whether a use is to be noted: none was at this moment or later.
    fn is_news(&self, key: KeyId, at_ms: i64) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&key).is_some_and(|noted_ms| *noted_ms >= at_ms) {
            return false;
        }
        if noted.len() >= USES_MAX {
            noted.clear();
        }
        noted.insert(key, at_ms);
        true
    }
}

/// What one worker remembers of credentials, good for one generation of identities.
#[derive(Default)]
pub(super) struct Identities {
    generation: u64,
    actors: HashMap<SecretHash, Identity>,
}

/// A user whose password was right, and the hash that said so.
struct Checked {
    user: User,
    password_hash: String,
}

/// Marks a connection at whose other end the box's operator is; see [`local_operator`].
pub(super) struct LocalOperator;

struct Identity {
    actor: Actor,
    expires_at_ms: Option<i64>,
    /// Where its key is taken from. Asked at every request: the next one may come from elsewhere.
    network: Option<Network>,
}

/// Who the credential stands for.
pub async fn authenticate(call: &Call, credential: Credential<'_>) -> Result<Actor, Failure> {
    let shared = call.shared();
    let cache_key = match credential {
        Credential::Password { login, password } => shared.verified.key("login", &[login, password]),
        Credential::Key { public_id, secret } => shared.verified.key("key", &[public_id, secret]),
        Credential::Session { kind, token } => shared.verified.key(kind.name(), &[token]),
    };
    if let Some(actor) = remembered(call, &cache_key)? {
        note_use(call, &actor);
        return Ok(actor);
    }
    // Read before the check: what changes during it must not be remembered as of after.
    let generation = call.bridge().identities_generation();
    let identity = match credential {
        Credential::Password { login, password } => {
            let Checked { user, .. } = check_password(call, Naming::Login, login, password).await?;
            Identity { actor: credential::actor(&user).ok_or(Edge::BadPassword)?, expires_at_ms: None, network: None }
        }
        Credential::Key { public_id, secret } => check_key(call, public_id, secret)?,
        Credential::Session { kind, token } => {
            let now_ms = shared.clock.now_ms();
            let hash = key::hash(token);
            let found = call.read(|read| credential::session(read, kind, &hash, now_ms))?;
            let (actor, expires_at_ms) = found.ok_or(Edge::BadSession)?;
            Identity { actor, expires_at_ms, network: None }
        }
    };
    let actor = identity.actor.clone();
    remember(call, generation, cache_key, identity);
    note_use(call, &actor);
    Ok(actor)
}

/// Headers that a proxy adds.
const OF_PROXIES: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/// The operator at the box's own command line, where the request came through the local socket from a process of root or
/// of the socket's owner. A proxy with those rights is no operator: it speaks for whoever spoke to it.
pub fn local_operator(call: &Call) -> Option<Actor> {
    call.request().conn_data::<LocalOperator>()?;
    (!is_passed_on(call)).then(Actor::command_line)
}

/// True where a program on this machine asks for itself: from a loopback address, and not as a proxy that says so.
pub fn is_loopback(call: &Call) -> bool {
    let address = call.request().peer_addr().map(|peer| peer.ip().to_canonical());
    address.is_some_and(|address| address.is_loopback()) && !is_passed_on(call)
}

fn is_passed_on(call: &Call) -> bool {
    OF_PROXIES.iter().any(|name| call.request().headers().contains_key(*name))
}

/// Checks login and password and opens a session. Returns the user and the token: `BYTES` random ones in base64url.
pub async fn sign_in<const BYTES: usize>(
    call: &Call,
    naming: Naming,
    name: &str,
    password: &str,
    kind: SessionKind,
) -> Result<(User, String), Failure> {
    let Checked { user, password_hash } = check_password(call, naming, name, password).await?;
    let token = URL_SAFE_NO_PAD.encode(random::bytes::<BYTES>()?);
    let hash = key::hash(&token);
    let (login, sessions_max) = (user.login.clone(), call.settings().sessions_max);
    let still_good = call.bridge().housekeeping(move |write| {
        let still_good = credential::is_current(write, &login, &password_hash)?;
        if let Some(user) = still_good {
            credential::open_session(write, user, kind, &hash, sessions_max)?;
        }
        Ok(still_good.is_some())
    });
    if still_good.await? { Ok((user, token)) } else { Err(Edge::BadPassword.into()) }
}

/// Ends the session of a token. An unknown one is ended already.
pub async fn sign_out(call: &Call, token: &str) -> Result<(), Failure> {
    let hash = key::hash(token);
    call.bridge().housekeeping(move |write| credential::end_session(write, &hash)).await
}

/// Hashes a new password, where there is one. Before the writer is asked: a hash takes longer than a commit.
pub async fn hash_password(call: &Call, password: Option<String>) -> Result<Option<String>, Failure> {
    match password {
        None => Ok(None),
        Some(password) => Ok(Some(call.bridge().hash(move || password::hash(&password)).await??)),
    }
}

/// The actor that a login names, for credentials that act in the name of others. Unknown and disabled are refused alike.
pub fn impersonate(call: &Call, login: &str) -> Result<Actor, Failure> {
    let found = call.read(|read| credential::by_login(read, login))?;
    Ok(found.as_ref().and_then(|found| credential::actor(&found.user)).ok_or(Edge::BadPassword)?)
}

/// True for the Watcher system key, compared in constant time.
pub fn is_system_key(call: &Call, key: &str) -> bool {
    let hash = key::hash(key);
    call.settings().system_key_hash.is_some_and(|wanted| bool::from(wanted.ct_eq(&hash)))
}

/// The halves of a key as it was shown when it was made: `obk_` and 32 hexadecimal digits; the prefix may be missing.
pub fn split_key(key: &str) -> Option<Credential<'_>> {
    let digits = key.strip_prefix(key::PREFIX).unwrap_or(key);
    let (public_id, secret) = digits.split_at_checked(16)?;
    let is_half = |half: &str| half.len() == 16 && half.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_half(public_id) && is_half(secret)).then_some(Credential::Key { public_id, secret })
}

/// The user name and the password of an HTTP Basic header; `None` for any other header.
pub fn basic(header: &str) -> Option<(String, String)> {
    let encoded = strip_scheme(header, "basic")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = decoded.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// What stands after the scheme of an `Authorization` header, the scheme in any case.
pub fn strip_scheme<'a>(header: &'a str, scheme: &str) -> Option<&'a str> {
    let (found, rest) = header.trim().split_once(' ')?;
    found.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

fn remembered(call: &Call, cache_key: &SecretHash) -> Result<Option<Actor>, Failure> {
    let mut identities = call.bridge().identities.borrow_mut();
    let generation = call.bridge().identities_generation();
    if identities.generation != generation {
        *identities = Identities { generation, ..Identities::default() };
        return Ok(None);
    }
    let Some(identity) = identities.actors.get(cache_key) else { return Ok(None) };
    check_network(call, identity.network)?;
    let ended = identity.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= call.shared().clock.now_ms());
    Ok((!ended).then(|| identity.actor.clone()))
}

fn remember(call: &Call, generation: u64, cache_key: SecretHash, identity: Identity) {
    let mut identities = call.bridge().identities.borrow_mut();
    if identities.generation != generation {
        return;
    }
    if identities.actors.len() >= IDENTITIES_MAX {
        identities.actors.clear();
    }
    identities.actors.insert(cache_key, identity);
}

fn check_key(call: &Call, public_id: &str, secret: &str) -> Result<Identity, Failure> {
    let public_id = public_id.to_ascii_lowercase();
    let found = call.read(|read| credential::key(read, &public_id))?;
    let Some((key, secret_hash, user)) = found else { return Err(Edge::BadKey.into()) };
    if !bool::from(secret_hash.ct_eq(&key::hash(&secret.to_ascii_lowercase()))) {
        return Err(Edge::BadKey.into());
    }
    check_network(call, key.network)?;
    if key.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= call.shared().clock.now_ms()) {
        return Err(Edge::ExpiredKey.into());
    }
    let actor = credential::actor(&user).ok_or(Edge::BadKey)?.with_key(&key);
    Ok(Identity { actor, expires_at_ms: key.expires_at_ms, network: key.network })
}

/// From elsewhere a key is as good as unknown. A peer without an address is elsewhere.
fn check_network(call: &Call, network: Option<Network>) -> Result<(), Failure> {
    let Some(network) = network else { return Ok(()) };
    let address = call.client_address();
    if address.is_some_and(|address| network.contains(address)) { Ok(()) } else { Err(Edge::BadKey.into()) }
}

/// Notes when a key was last used, once a minute for each, and keeps nobody waiting for it.
fn note_use(call: &Call, actor: &Actor) {
    let Some(KeyUsed { id, .. }) = &actor.key else { return };
    let (id, shared) = (*id, call.shared());
    let at_ms = shared.clock.now_ms().div_euclid(MINUTE_MS) * MINUTE_MS;
    if shared.uses.is_news(id, at_ms) && shared.health().is_none() {
        call.bridge().note(move |write| credential::note_use(write, id, at_ms));
    }
}

/// Takes as long for an unknown user as for a wrong password, and no time for a password that was verified lately.
async fn check_password(call: &Call, naming: Naming, name: &str, password: &str) -> Result<Checked, Failure> {
    let shared = call.shared();
    let found = call.read(|read| match naming {
        Naming::Login => credential::by_login(read, name),
        Naming::Email => credential::by_email(read, name),
    })?;
    let UserSecret { user, password_hash } = match found {
        Some(found) => found,
        None => return reject_unknown(call, name, password).await,
    };
    let stored = password_hash.unwrap_or_default();
    let verified_key = shared.verified.key("verified", &[&user.login, password, &stored]);
    if !shared.verified.holds(&verified_key) {
        attempt(call, &user.login, password, Some(stored.clone()).filter(|stored| !stored.is_empty())).await?;
        shared.verified.add(verified_key);
    }
    // A disabled user learns of it no sooner than one with a wrong password.
    if user.enabled { Ok(Checked { user, password_hash: stored }) } else { Err(Edge::BadPassword.into()) }
}

async fn reject_unknown(call: &Call, name: &str, password: &str) -> Result<Checked, Failure> {
    attempt(call, name, password, None).await?;
    Err(Edge::BadPassword.into())
}

/// Without a stored hash as much work is done and no password fits.
async fn attempt(call: &Call, account: &str, password: &str, stored: Option<String>) -> Result<(), Failure> {
    let throttle = &call.shared().throttle;
    // A name can be as long as a body; what is kept and logged of it is bounded.
    let account: &str = account.char_indices().nth(ACCOUNT_CHARS_MAX).map_or(account, |(end, _)| &account[..end]);
    let address = call.client_address();
    throttle.begin(account, address).map_err(Edge::Throttled)?;
    let password = password.to_owned();
    let fits = call
        .bridge()
        .hash(move || password::verify(&password, stored.as_deref().unwrap_or_else(|| unknown_hash())))
        .await?;
    if fits {
        throttle.succeeded(account, address);
        return Ok(());
    }
    throttle.failed(account, address);
    let peer = address.map(|address| address.to_string()).unwrap_or_default();
    tracing::warn!(request_id = %call.request_id(), account, peer, "sign-in failed");
    Err(Edge::BadPassword.into())
}

/// The hash that stands in for a user who does not exist. No password fits it: what was hashed is not kept.
fn unknown_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password::generate().and_then(|password| password::hash(&password)).unwrap_or_default())
}
