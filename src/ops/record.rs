//! Recording what changed: the images before and after, to the outbox and the audit trail.

use crate::{
    model::{
        Error, Field, OrgId, Organization, Result,
        actor::Who,
        event::{IMAGE_MEMBERS_MAX, Image, OrganizationImage},
    },
    store::{Change, Write, holds, journal, members, organizations},
};

/// Most organizations, members and cameras that one change may touch: all others wait for its transaction.
const TOUCHED_MAX: i64 = 10_000;

/// Refuses a change that touches more than one transaction should; `instead` says how to do it in parts.
pub(super) fn check_extent(field: Field, touched: i64, instead: &str) -> Result<()> {
    if touched <= TOUCHED_MAX {
        return Ok(());
    }
    let message =
        format!("this touches {touched} organizations, members and cameras, at most {TOUCHED_MAX} at once; {instead}");
    Err(Error::refused(field, "too_much_at_once", message))
}

/// The image of an organization as it stands in this transaction.
pub(super) fn image(write: &Write<'_>, organization: &Organization) -> Result<Image> {
    let parents = write.hierarchy(|hierarchy| hierarchy.parents(organization.id));
    let members = match organization.user_count {
        0 => Some(Vec::new()),
        1..=IMAGE_MEMBERS_MAX => Some(members::logins(write, organization.id)?),
        _ => None,
    };
    let hold = holds::of_organization(write, organization.id)?;
    let image = OrganizationImage { organization: organization.clone(), parents, members, hold };
    Ok(Image::Organization(Box::new(image)))
}

/// The image of an organization by id; `None` where there is none.
pub(super) fn image_of(write: &Write<'_>, id: OrgId) -> Result<Option<Image>> {
    organizations::get(write, id)?.map(|organization| image(write, &organization)).transpose()
}

/// Records a change of an organization and returns it as it stands; `None` where it is gone.
pub(super) fn organization(
    write: &Write<'_>,
    who: &Who,
    id: OrgId,
    before: Option<&Image>,
    change: Change,
) -> Result<Option<Organization>> {
    let after = image_of(write, id)?;
    let version = match (&after, before) {
        (Some(Image::Organization(image)), _) => image.organization.version,
        (None, Some(Image::Organization(image))) => image.organization.version + 1,
        _ => 1,
    };
    change_of(write, who, version, before, after.as_ref(), change)?;
    Ok(match after {
        Some(Image::Organization(image)) => Some(image.organization),
        _ => None,
    })
}

/// Records a change of anything.
pub(super) fn change_of(
    write: &Write<'_>,
    who: &Who,
    version: i64,
    before: Option<&Image>,
    after: Option<&Image>,
    change: Change,
) -> Result<()> {
    journal::record(write, change, &journal::Record { who, version, before, after })
}

/// Runs work that changes what hangs on an organization (links, members, cameras), then counts its version up and
/// records it once. The work records what is not the organization itself; it is handed the version to come.
pub(super) fn around<T>(
    write: &Write<'_>,
    who: &Who,
    organization: &Organization,
    work: impl FnOnce(i64) -> Result<T>,
) -> Result<T> {
    let before = image(write, organization)?;
    let outcome = work(organization.version + 1)?;
    let change = organizations::touch(write, organization.id)?;
    self::organization(write, who, organization.id, Some(&before), change)?;
    Ok(outcome)
}
