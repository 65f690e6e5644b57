//! Credentials: who a session, a key or a login stands for; opening and ending sessions; making and revoking keys.
//!
//! Secrets come in here only as their SHA-256. Comparing a password is the caller's, because it takes long.

use super::{load, reach::Reach, record, user::governing};
use crate::{
    model::{
        Error, Field, KeyId, Kind, OrgId, Result, UserId,
        actor::{Action, Actor, Grant, Who},
        credential::{ApiKey, KEY_VERSION, NewKey, SecretHash, SessionKind},
        error::Problems,
        event::Image,
        text,
        user::User,
    },
    store::{Read, Write, api_keys, sessions, users},
};

pub use crate::store::users::Secret as UserSecret;

/// The actor that an enabled user is.
pub fn actor(user: &User) -> Option<Actor> {
    user.enabled.then(|| Actor::user(user.id, user.login.clone(), user.role))
}

/// The actor of a session that has not ended, and when it will, in milliseconds since 1970.
pub fn session(
    read: &Read<'_>,
    kind: SessionKind,
    token_hash: &SecretHash,
    now_ms: i64,
) -> Result<Option<(Actor, Option<i64>)>> {
    let Some(session) = sessions::get(read, kind, token_hash)? else { return Ok(None) };
    if session.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= now_ms) {
        return Ok(None);
    }
    let actor = users::get(read, session.user_id)?.as_ref().and_then(actor);
    Ok(actor.map(|actor| (actor, session.expires_at_ms)))
}

/// The key with this public half, the hash of its secret half, and the user whose rights it has.
pub fn key(read: &Read<'_>, public_id: &str) -> Result<Option<(ApiKey, SecretHash, User)>> {
    let Some((key, secret_hash)) = api_keys::secret_by_public_id(read, public_id)? else { return Ok(None) };
    Ok(users::get(read, key.user_id)?.map(|user| (key, secret_hash, user)))
}

/// The user with this login and the hash of its password.
pub fn by_login(read: &Read<'_>, login: &str) -> Result<Option<UserSecret>> {
    users::secret_by_login(read, login)
}

/// The user with this e-mail address, or without any and with this login. Nobody where several share the address.
pub fn by_email(read: &Read<'_>, email: &str) -> Result<Option<UserSecret>> {
    users::secret_by_email(read, email)
}

/// The user of this login, where it may still sign in with the password that this hash was checked with. Checking takes long:
/// a session must not be opened with a password that was replaced meanwhile, for which sessions have been ended already.
pub fn is_current(write: &Write<'_>, login: &str, password_hash: &str) -> Result<Option<UserId>> {
    let found = users::secret_by_login(write, login)?;
    let found = found.filter(|found| found.user.enabled && found.password_hash.as_deref() == Some(password_hash));
    Ok(found.map(|found| found.user.id))
}

/// Opens a session for a user who has proved who it is. The oldest end past the user's bound, or else the box's.
pub fn open_session(
    write: &Write<'_>,
    user: UserId,
    kind: SessionKind,
    token_hash: &SecretHash,
    sessions_max: i64,
) -> Result<()> {
    let user = users::get(write, user)?.filter(|user| user.enabled).ok_or_else(|| Error::not_found("user"))?;
    sessions::insert(write, user.id, kind, token_hash, user.max_sessions.unwrap_or(sessions_max))
}

/// Ends a session.
pub fn end_session(write: &Write<'_>, token_hash: &SecretHash) -> Result<()> {
    sessions::delete(write, token_hash)
}

/// The keys that the actor may see, in the order of their rows: administrators see all, others their own. At most `limit`
/// of those after one.
pub fn keys(read: &Read<'_>, actor: &Actor, after: Option<KeyId>, limit: u64) -> Result<Vec<ApiKey>> {
    refuse_confined(actor)?;
    match actor.user_id.filter(|_| !actor.is_admin()) {
        Some(user) => api_keys::page(read, Some(user), after, limit),
        None => {
            let _grant = load::administer(actor, Action::Administer)?;
            api_keys::page(read, None, after, limit)
        }
    }
}

/// One key. Of those that the actor may not see it does not learn whether they exist.
pub fn view_key(read: &Read<'_>, actor: &Actor, id: KeyId) -> Result<ApiKey> {
    refuse_confined(actor)?;
    let key = api_keys::get(read, id)?.filter(|key| actor.is_admin() || actor.user_id == Some(key.user_id));
    key.ok_or_else(|| Error::not_found("key"))
}

/// Stores a key. Everybody makes keys with its own rights, whoever manages a user makes them with that user's. A key that
/// is limited makes none, or it would get round its own limits.
pub fn create_key(write: &Write<'_>, who: &Who, new: &NewKey) -> Result<ApiKey> {
    let user = users::get(write, new.user_id)?.ok_or_else(|| Error::not_found("user"))?;
    if who.actor.is_limited() {
        return Err(Error::new(Kind::Forbidden, "limited_key", "a limited key makes no keys"));
    }
    let _grant = may_manage_keys(&who.actor, &user)?;
    let mut problems = Problems::default();
    problems.require(text::is_line(&new.name, 100), Field::Name, "must be 1 to 100 characters on one line");
    let has_ended = new.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= write.now_ms());
    problems.require(!has_ended, Field::Wire("expires"), "must be in the future");
    problems.check()?;
    if let Some(organization) = new.organization_id {
        check_reached(write, &user, organization)?;
    }
    let (_, change) = api_keys::insert(write, new)?;
    let (key, _) = api_keys::secret_by_public_id(write, &new.public_id)?.ok_or_else(Error::internal)?;
    record::change_of(write, who, KEY_VERSION, None, Some(&Image::Key(key.clone())), change)?;
    Ok(key)
}

/// Ends a key by its row.
pub fn end_key(write: &Write<'_>, who: &Who, id: KeyId) -> Result<()> {
    let key = view_key(write, &who.actor, id)?;
    let user = users::get(write, key.user_id)?.ok_or_else(Error::internal)?;
    let _grant = may_manage_keys(&who.actor, &user)?;
    let change = api_keys::delete(write, id)?;
    record::change_of(write, who, KEY_VERSION + 1, Some(&Image::Key(key)), None, change)
}

/// Notes that a key was used. Nobody hears of it.
pub fn note_use(write: &Write<'_>, key: KeyId, at_ms: i64) -> Result<()> {
    api_keys::note_use(write, key, at_ms)
}

/// A key for one organization has no business with keys, its own included.
fn refuse_confined(actor: &Actor) -> Result<()> {
    match actor.confinement() {
        Some(_) => Err(Error::new(Kind::Forbidden, "limited_key", "a key for one organization manages no keys")),
        None => Ok(()),
    }
}

fn may_manage_keys(actor: &Actor, user: &User) -> Result<Grant> {
    refuse_confined(actor)?;
    let action = if actor.user_id == Some(user.id) { Action::Browse } else { governing(user) };
    load::administer(actor, action)
}

/// A key is for an organization that its user reaches; of others it does not learn whether they exist.
fn check_reached(read: &Read<'_>, user: &User, organization: OrgId) -> Result<()> {
    let reach = Reach::of(read, &Actor::user(user.id, user.login.clone(), user.role))?;
    let reached = read.hierarchy(|hierarchy| hierarchy.contains(organization) && reach.sees(hierarchy, organization));
    if reached {
        return Ok(());
    }
    let message = format!("must be an organization that {} reaches", user.login);
    Err(Error::invalid(Field::Wire("organization"), message))
}
