//! Users: list, view, make, change, delete. Administrators manage users, super administrators manage administrators.

use std::collections::HashSet;

use super::{load, member, reach::Reach, record};
use crate::{
    model::{
        Error, Field, Kind, OrgId, Patch, Result, UserId,
        actor::{Action, Actor, Grant, Who},
        error::{Problem, Problems},
        event::Image,
        member::Member,
        organization::OrganizationPatch,
        user::{Join, NewUser, Role, User, UserFilter, UserPatch},
    },
    store::{Read, Write, api_keys, journal, members, organizations, sessions, users},
};

/// The users that the actor sees: itself and the members that it may see; administrators see all.
pub fn list(read: &Read<'_>, actor: &Actor, filter: &UserFilter) -> Result<Vec<User>> {
    let reach = Reach::of(read, actor)?;
    let staffed = read.hierarchy(|hierarchy| reach.staffed(hierarchy));
    users::list(read, filter, staffed.map(|organizations| users::Among { organizations, itself: actor.user_id }))
}

/// One user. Of those that the actor does not see it does not learn whether they exist.
pub fn view(read: &Read<'_>, actor: &Actor, id: UserId) -> Result<User> {
    let user = users::get(read, id)?.ok_or_else(|| Error::not_found("user"))?;
    if actor.is_admin() || actor.user_id == Some(id) {
        return Ok(user);
    }
    let reach = Reach::of(read, actor)?;
    let staffed = read.hierarchy(|hierarchy| reach.staffed(hierarchy)).unwrap_or_default();
    let seen = members::of_user(read, id)?.iter().any(|(organization, _)| staffed.contains(organization));
    if seen { Ok(user) } else { Err(Error::not_found("user")) }
}

/// The id of the user with this login.
pub fn id_of_login(read: &Read<'_>, actor: &Actor, login: &str) -> Result<UserId> {
    let user = users::get_by_login(read, login)?.ok_or_else(|| Error::not_found("user"))?;
    view(read, actor, user.id).map(|user| user.id)
}

/// The user that a path segment stands for: a login, or else an id.
pub fn resolve(read: &Read<'_>, actor: &Actor, login_or_id: &str) -> Result<User> {
    let id = match users::get_by_login(read, login_or_id)? {
        Some(user) => user.id,
        None => UserId::parse(login_or_id).ok_or_else(|| Error::not_found("user"))?,
    };
    view(read, actor, id)
}

/// The organizations that a user owns or is a member of, ascending; the first is its primary one.
pub fn organizations(read: &Read<'_>, id: UserId) -> Result<Vec<OrgId>> {
    let actor = Actor::user(id, String::new(), Role::User);
    Ok(Reach::of(read, &actor)?.roots())
}

/// Of the organizations of each of these users those that the actor sees too; of itself all, unless its key is for one.
pub fn organizations_seen(read: &Read<'_>, actor: &Actor, users: &[User]) -> Result<Vec<Vec<OrgId>>> {
    let reach = Reach::of(read, actor)?;
    let visible = read.hierarchy(|hierarchy| reach.visible(hierarchy));
    let visible: Option<HashSet<OrgId>> = visible.map(|visible| visible.into_iter().collect());
    let of = |user: &User| {
        let mut found = organizations(read, user.id)?;
        if let Some(visible) =
            visible.as_ref().filter(|_| actor.user_id != Some(user.id) || actor.confinement().is_some())
        {
            found.retain(|organization| visible.contains(organization));
        }
        Ok(found)
    };
    users.iter().map(of).collect()
}

/// Whether the actor may make this user a member somewhere, for whoever edits members sees them with their addresses and
/// notes: itself, whom it sees already, and who belongs to nobody's organization yet.
pub(super) fn may_enlist(read: &Read<'_>, actor: &Actor, user: &User) -> Result<bool> {
    if actor.is_admin() || actor.user_id == Some(user.id) {
        return Ok(true);
    }
    let belongs = organizations(read, user.id)?;
    if belongs.iter().all(|organization| *organization == OrgId::DEFAULT) {
        return Ok(!user.role.is_admin());
    }
    let reach = Reach::of(read, actor)?;
    let staffed = read.hierarchy(|hierarchy| reach.staffed(hierarchy)).unwrap_or_default();
    Ok(members::of_user(read, user.id)?.iter().any(|(organization, _)| staffed.contains(organization)))
}

/// Makes a user.
pub fn create(write: &Write<'_>, who: &Who, new: &NewUser) -> Result<User> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let mut problems = Problems::default();
    new.validate(&mut problems);
    problems.check()?;
    if new.role.is_admin() {
        let _grant = load::administer(&who.actor, Action::AdministerAdministrators)?;
    }
    let joined = match new.join {
        Join::None => None,
        Join::Default => Some(OrgId::DEFAULT).filter(|id| write.hierarchy(|hierarchy| hierarchy.contains(*id))),
        Join::Organization(id) => Some(id),
    };
    let (id, change) = users::insert(write, new)?;
    let user = users::get(write, id)?.ok_or_else(Error::internal)?;
    record::change_of(write, who, user.version, None, Some(&Image::User(Box::new(user.clone()))), change)?;
    if let Some(organization) = joined {
        member::enrol(write, who, organization, id)?;
    }
    Ok(user)
}

/// Changes a user. A new password, login or state ends what the user is signed in to.
pub fn update(write: &Write<'_>, who: &Who, id: UserId, patch: UserPatch) -> Result<User> {
    let user = users::get(write, id)?.ok_or_else(|| Error::not_found("user"))?;
    let _grant = may_update(&who.actor, &user, &patch)?;
    let password_hash = patch.password_hash.clone();
    let mut changed = user.clone();
    changed.apply(patch);
    let mut problems = Problems::default();
    changed.validate(&mut problems);
    problems.check()?;
    if !who.actor.is_admin() && changed.contact.email != user.contact.email {
        refuse_taken_email(write, &changed)?;
    }
    if changed.role != Role::SuperAdmin || !changed.enabled {
        keep_a_super_admin(write, &user)?;
    }
    if changed == user && password_hash.is_none() {
        return Ok(user);
    }
    let renamed = if changed.login == user.login { Vec::new() } else { memberships(write, id)? };
    let change = users::update(write, &changed, password_hash.as_deref())?;
    if password_hash.is_some() {
        journal::record_secret(write, &change, who, "password")?;
    }
    if password_hash.is_some() || !changed.enabled || changed.login != user.login {
        sessions::delete_of_user(write, id)?;
    }
    let stored = users::get(write, id)?.ok_or_else(Error::internal)?;
    let (before, after) = (Image::User(Box::new(user)), Image::User(Box::new(stored.clone())));
    record::change_of(write, who, stored.version, Some(&before), Some(&after), change)?;
    for (before, member) in renamed {
        tell_of_rename(write, who, &before, member)?;
    }
    Ok(stored)
}

/// Deletes a user: its memberships end, and what it owned has no owner any more.
pub fn delete(write: &Write<'_>, who: &Who, id: UserId) -> Result<()> {
    let user = users::get(write, id)?.ok_or_else(|| Error::not_found("user"))?;
    let _grant = load::administer(&who.actor, governing(&user))?;
    keep_a_super_admin(write, &user)?;
    let (memberships, owned) = (members::of_user(write, id)?, organizations::owned_by(write, id)?);
    let touched = i64::try_from(memberships.len() + owned.len()).unwrap_or(i64::MAX);
    record::check_extent(Field::Wire("id"), touched, "disable the user and give what it owns to another one in parts")?;
    for (organization, _) in memberships {
        let Some(organization) = organizations::get(write, organization)? else { continue };
        let leaving = members::get(write, organization.id, id)?;
        member::leave(write, who, &organization, leaving.into_iter().collect())?;
    }
    for owned in owned {
        let before = record::image_of(write, owned)?;
        let ownerless = OrganizationPatch { owner_id: Patch::Clear, ..OrganizationPatch::default() };
        let change = organizations::update(write, owned, &ownerless)?;
        record::organization(write, who, owned, before.as_ref(), change)?;
    }
    for key in api_keys::of_user(write, id)? {
        let change = api_keys::delete(write, key.id)?;
        record::change_of(write, who, 0, Some(&Image::Key(key)), None, change)?;
    }
    let version = user.version + 1;
    let change = users::delete(write, id)?;
    record::change_of(write, who, version, Some(&Image::User(Box::new(user))), None, change)
}

/// Users may change what describes them and their own password; the rest is the administrators'.
fn may_update(actor: &Actor, user: &User, patch: &UserPatch) -> Result<Grant> {
    let UserPatch {
        login,
        password_hash,
        role,
        enabled,
        name: _,
        email,
        phone: _,
        note: _,
        locale: _,
        time_zone: _,
        external_id,
        max_sessions,
    } = patch;
    let mut sessions = user.max_sessions;
    max_sessions.clone().apply(&mut sessions);
    let governs = login.as_ref().is_some_and(|login| *login != user.login)
        || role.is_some_and(|role| role != user.role)
        || enabled.is_some_and(|enabled| enabled != user.enabled)
        || external_id.as_ref().is_some_and(|external_id| *external_id != user.contact.external_id)
        || sessions != user.max_sessions;
    if actor.user_id == Some(user.id) && !governs {
        let signs_in_by = password_hash.is_some() || email.as_ref().is_some_and(|email| *email != user.contact.email);
        if signs_in_by && actor.is_limited() {
            let message = "a limited key does not change what its user signs in with";
            return Err(Error::new(Kind::Forbidden, "limited_key", message));
        }
        return load::administer(actor, Action::Browse);
    }
    if role.is_some_and(Role::is_admin) && *role != Some(user.role) {
        return load::administer(actor, Action::AdministerAdministrators);
    }
    load::administer(actor, governing(user))
}

/// What it takes to manage this user.
pub(super) fn governing(user: &User) -> Action {
    if user.role.is_admin() { Action::AdministerAdministrators } else { Action::Administer }
}

/// Users who share an address cannot sign in by it, so nobody gives himself somebody else's; administrators may, as one
/// person may read the mail of several users.
fn refuse_taken_email(read: &Read<'_>, user: &User) -> Result<()> {
    if !users::others_sign_in_by(read, user.id, &user.contact.email)? {
        return Ok(());
    }
    let mut error = Error::new(Kind::Taken, "email_taken", "another user has this e-mail address");
    error.problems.push(Problem { field: Field::Email, message: "is already taken".to_owned() });
    Err(error)
}

/// Without an enabled super administrator nobody could manage the box any more.
fn keep_a_super_admin(read: &Read<'_>, user: &User) -> Result<()> {
    if user.role == Role::SuperAdmin && user.enabled && users::other_super_admins(read, user.id)? == 0 {
        let message = "this is the last super administrator; make another one first";
        return Err(Error::refused(Field::Role, "last_super_admin", message));
    }
    Ok(())
}

/// What a user is a member of, with the images of these organizations as they stand.
fn memberships(write: &Write<'_>, id: UserId) -> Result<Vec<(Image, Member)>> {
    let mut memberships = Vec::new();
    let joined = members::of_user(write, id)?;
    let touched = i64::try_from(joined.len()).unwrap_or(i64::MAX);
    record::check_extent(Field::Login, touched, "make another user with the new login")?;
    for (organization, _) in joined {
        let image = record::image_of(write, organization)?.ok_or_else(Error::internal)?;
        let member = members::get(write, organization, id)?.ok_or_else(Error::internal)?;
        memberships.push((image, member));
    }
    Ok(memberships)
}

/// The images of an organization and of a membership name the member by login.
fn tell_of_rename(write: &Write<'_>, who: &Who, before: &Image, member: Member) -> Result<()> {
    let organization = member.organization_id;
    let change = organizations::touch(write, organization)?;
    let stands = record::organization(write, who, organization, Some(before), change)?.ok_or_else(Error::internal)?;
    let change = members::update(write, organization, member.user_id, member.rights)?;
    let after = members::get(write, organization, member.user_id)?.map(Image::Member);
    record::change_of(write, who, stands.version, Some(&Image::Member(member)), after.as_ref(), change)
}
