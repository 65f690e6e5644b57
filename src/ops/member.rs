//! Members of organizations: list, add, change, remove; the user limit holds for every way in.

use std::collections::HashSet;

use super::{load, record, user::may_enlist};
use crate::{
    model::{
        Error, Field, Kind, OrgId, Organization, Result, UserId,
        actor::{Action, Actor, Who},
        event::Image,
        member::{Member, Rights, RightsPatch},
        user::User,
    },
    store::{Read, Write, members, users},
};

/// The members of an organization, by login.
pub fn list(read: &Read<'_>, actor: &Actor, organization: OrgId) -> Result<Vec<Member>> {
    let load::Loaded { .. } = load::organization(read, actor, Action::ViewMembers, organization)?;
    members::of_organization(read, organization)
}

/// Members in the order of their users' ids, at most `limit` of those after one.
pub fn page(
    read: &Read<'_>,
    actor: &Actor,
    organization: OrgId,
    after: Option<UserId>,
    limit: u64,
) -> Result<Vec<Member>> {
    let load::Loaded { .. } = load::organization(read, actor, Action::ViewMembers, organization)?;
    members::page(read, organization, after, limit)
}

/// Makes the user with this login a member; one that is a member already gets the rights that are mentioned. Also tells
/// whether it was none before.
pub fn put(
    write: &Write<'_>,
    who: &Who,
    organization: OrgId,
    login: &str,
    rights: RightsPatch,
) -> Result<(Member, bool)> {
    let load::Loaded { .. } = load::organization(write, &who.actor, Action::EditMembers, organization)?;
    let unknown = || Error::not_found("user");
    let user = users::get_by_login(write, login)?.ok_or_else(unknown)?;
    let is_new = members::get(write, organization, user.id)?.is_none();
    if is_new && !may_enlist(write, &who.actor, &user)? {
        return Err(unknown());
    }
    add(write, who, organization, user.id, rights).map(|member| (member, is_new))
}

/// Ends the membership of the user with this login.
pub fn remove_login(write: &Write<'_>, who: &Who, organization: OrgId, login: &str) -> Result<()> {
    let load::Loaded { .. } = load::organization(write, &who.actor, Action::EditMembers, organization)?;
    let user = users::get_by_login(write, login)?.ok_or_else(|| Error::not_found("member"))?;
    remove(write, who, organization, user.id)
}

/// Makes a user a member. One that is a member already gets the rights that are mentioned.
pub fn add(write: &Write<'_>, who: &Who, organization: OrgId, user: UserId, rights: RightsPatch) -> Result<Member> {
    let load::Loaded { organization, .. } = load::organization(write, &who.actor, Action::EditMembers, organization)?;
    let unknown = || Error::invalid(Field::Member, format!("must be the id of a user; there is no user {user}"));
    let found = users::get(write, user)?.ok_or_else(unknown)?;
    match members::get(write, organization.id, user)? {
        Some(member) => set_rights(write, who, &organization, member, rights),
        None => {
            if !may_enlist(write, &who.actor, &found)? {
                return Err(unknown());
            }
            join(write, who, &organization, &[user], rights.apply(Rights::default()))?;
            members::get(write, organization.id, user)?.ok_or_else(Error::internal)
        }
    }
}

/// Makes a user a member of an organization that stands in a body: one that does not exist is an invalid value there.
pub fn enrol(write: &Write<'_>, who: &Who, organization: OrgId, user: UserId) -> Result<Member> {
    add(write, who, organization, user, RightsPatch::default()).map_err(|error| match error.kind {
        Kind::NotFound => {
            let message = format!("must be the id of an organization; there is no organization {organization}");
            Error::invalid(Field::Wire("organization_id"), message)
        }
        _ => error,
    })
}

/// Makes users members by login. Unknown logins and present members are passed over; the limit holds for all or none.
pub fn add_logins(write: &Write<'_>, who: &Who, organization: OrgId, logins: &[String]) -> Result<()> {
    let load::Loaded { organization, .. } = load::organization(write, &who.actor, Action::EditMembers, organization)?;
    let mut joining = Vec::new();
    for user in known(write, logins)? {
        if members::get(write, organization.id, user.id)?.is_none() && may_enlist(write, &who.actor, &user)? {
            joining.push(user.id);
        }
    }
    if joining.is_empty() { Ok(()) } else { join(write, who, &organization, &joining, Rights::default()) }
}

/// Changes what a member may do.
pub fn update(write: &Write<'_>, who: &Who, organization: OrgId, user: UserId, rights: RightsPatch) -> Result<Member> {
    let load::Loaded { organization, .. } = load::organization(write, &who.actor, Action::EditMembers, organization)?;
    let member = members::get(write, organization.id, user)?.ok_or_else(|| Error::not_found("member"))?;
    set_rights(write, who, &organization, member, rights)
}

/// Ends a membership.
pub fn remove(write: &Write<'_>, who: &Who, organization: OrgId, user: UserId) -> Result<()> {
    let load::Loaded { organization, .. } = load::organization(write, &who.actor, Action::EditMembers, organization)?;
    let member = members::get(write, organization.id, user)?.ok_or_else(|| Error::not_found("member"))?;
    leave(write, who, &organization, vec![member])
}

/// Ends memberships by login. Unknown logins and those who are no members are passed over.
pub fn remove_logins(write: &Write<'_>, who: &Who, organization: OrgId, logins: &[String]) -> Result<()> {
    let load::Loaded { organization, .. } = load::organization(write, &who.actor, Action::EditMembers, organization)?;
    let mut leaving = Vec::new();
    for user in known(write, logins)? {
        leaving.extend(members::get(write, organization.id, user.id)?);
    }
    if leaving.is_empty() { Ok(()) } else { leave(write, who, &organization, leaving) }
}

/// Adds users that are no members yet, for callers that have checked that they may.
pub(super) fn join(
    write: &Write<'_>,
    who: &Who,
    organization: &Organization,
    joining: &[UserId],
    rights: Rights,
) -> Result<()> {
    let limit = organization.limits.user_limit;
    let count = organization.user_count + i64::try_from(joining.len()).unwrap_or(i64::MAX);
    if count > limit {
        let message = format!(
            "the organization may have {limit} users and has {}; raise user_limit or remove members first",
            organization.user_count
        );
        return Err(Error::limit_reached(Field::Member, "user_limit_reached", message));
    }
    record::around(write, who, organization, |version| {
        for user in joining {
            let change = members::insert(write, organization.id, *user, rights)?;
            let member = members::get(write, organization.id, *user)?.map(Image::Member);
            record::change_of(write, who, version, None, member.as_ref(), change)?;
        }
        Ok(())
    })
}

/// Ends memberships, for callers that have checked that they may.
pub(super) fn leave(write: &Write<'_>, who: &Who, organization: &Organization, leaving: Vec<Member>) -> Result<()> {
    record::around(write, who, organization, |version| {
        for member in leaving {
            let change = members::delete(write, organization.id, member.user_id)?;
            record::change_of(write, who, version, Some(&Image::Member(member)), None, change)?;
        }
        Ok(())
    })
}

fn set_rights(
    write: &Write<'_>,
    who: &Who,
    organization: &Organization,
    member: Member,
    rights: RightsPatch,
) -> Result<Member> {
    let changed = Member { rights: rights.apply(member.rights), ..member.clone() };
    if changed == member {
        return Ok(member);
    }
    record::around(write, who, organization, |version| {
        let change = members::update(write, organization.id, member.user_id, changed.rights)?;
        let (before, after) = (Image::Member(member), Image::Member(changed.clone()));
        record::change_of(write, who, version, Some(&before), Some(&after), change)
    })?;
    Ok(changed)
}

/// The users with these logins, each once.
fn known(read: &Read<'_>, logins: &[String]) -> Result<Vec<User>> {
    let named = i64::try_from(logins.len()).unwrap_or(i64::MAX);
    record::check_extent(Field::Member, named, "name the users in several requests")?;
    let mut met = HashSet::new();
    let mut known = Vec::new();
    for login in logins.iter().filter(|login| met.insert(login.as_str())) {
        known.extend(users::get_by_login(read, login)?);
    }
    Ok(known)
}
