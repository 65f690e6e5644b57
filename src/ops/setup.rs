//! The first start, and what the configuration file says of brandings and installation groups at every start.

use super::{branding, igrp};
use crate::{
    model::{
        BrandingId, Error, OrgId, Result,
        actor::Who,
        branding::Branding,
        igrp::Igrp,
        organization::{NewOrganization, OrganizationPatch},
        user::{Contact, Join, NewUser, Role},
    },
    store::{Read, Write, brandings, igrps, organizations, site},
};

/// Login of the first administrator.
pub const FIRST_LOGIN: &str = "admin";

/// A branding as the configuration file has it.
#[derive(Debug, Clone)]
pub struct ConfiguredBranding {
    /// With its organizations left empty.
    pub branding: Branding,
    /// Names of the organizations it belongs to; `None` is the default organization.
    pub organizations: Option<Vec<String>>,
}

/// True where the box has never been set up.
pub fn is_new(read: &Read<'_>) -> Result<bool> {
    Ok(site::get(read)?.is_none())
}

/// Sets up a new box: its identity, the first administrator, the default organization and a branding. Does nothing where
/// that has been done.
pub fn first_start(write: &Write<'_>, password_hash: String) -> Result<()> {
    if !is_new(write)? {
        return Ok(());
    }
    let who = Who::system();
    site::found(write)?;
    let admin = super::user::create(
        write,
        &who,
        &NewUser {
            login: FIRST_LOGIN.to_owned(),
            password_hash: Some(password_hash),
            role: Role::SuperAdmin,
            enabled: true,
            contact: Contact::default(),
            max_sessions: None,
            join: Join::None,
        },
    )?;
    let organization = super::organization::create(
        write,
        &who,
        NewOrganization {
            name: Some("default".to_owned()),
            title: "Default".to_owned(),
            owner: crate::model::organization::NewOwner::Given(Some(admin.id)),
            ..NewOrganization::default()
        },
    )?;
    let standard = Branding {
        id: BrandingId(1),
        name: "orgbox".to_owned(),
        logo_filename: "logo.png".to_owned(),
        landing_domain: "localhost".to_owned(),
        primary_color: "#2D6CDF".to_owned(),
        organizations: vec![organization.id],
    };
    branding::put(write, &who, &standard, false)?;
    let chosen = OrganizationPatch { branding_id: Some(standard.id).into(), ..OrganizationPatch::default() };
    super::organization::update(write, &who, organization.id, chosen).map(drop)
}

/// Brings the brandings and groups of the configuration file into the database and removes those that it has dropped.
/// Returns a sentence for each thing that could not be done as written.
pub fn apply_configuration(
    write: &Write<'_>,
    configured_brandings: &[ConfiguredBranding],
    configured_igrps: &[Igrp],
) -> Result<Vec<String>> {
    let who = Who::system();
    let mut warnings = Vec::new();
    let former = brandings::from_file(write)?;
    for configured in configured_brandings {
        let mut wanted = configured.branding.clone();
        wanted.organizations = owners(write, configured, &mut warnings)?;
        branding::put(write, &who, &wanted, true)?;
    }
    for id in former {
        if !configured_brandings.iter().any(|configured| configured.branding.id == id) {
            let kept = format!("branding {id} is no longer configured but still in use; it stays");
            warn_of_refusal(branding::delete(write, &who, id), kept, &mut warnings)?;
        }
    }
    let former = igrps::from_file(write)?;
    for wanted in configured_igrps {
        igrp::put(write, &who, wanted, true)?;
    }
    for id in former {
        if !configured_igrps.iter().any(|configured| configured.id == id) {
            let kept = format!("igrp {id} is no longer configured but still in use; it stays");
            warn_of_refusal(igrp::delete(write, &who, id), kept, &mut warnings)?;
        }
    }
    Ok(warnings)
}

fn owners(write: &Write<'_>, configured: &ConfiguredBranding, warnings: &mut Vec<String>) -> Result<Vec<OrgId>> {
    let Some(names) = &configured.organizations else {
        return Ok(write
            .hierarchy(|graph| graph.contains(OrgId::DEFAULT))
            .then_some(OrgId::DEFAULT)
            .into_iter()
            .collect());
    };
    let mut owners = Vec::new();
    for name in names {
        match organizations::get_by_name(write, name)? {
            Some(organization) => owners.push(organization.id),
            None => warnings.push(format!(
                "branding {} names the organization {name}, which does not exist; make it, then start the box again",
                configured.branding.id
            )),
        }
    }
    owners.sort_unstable();
    owners.dedup();
    Ok(owners)
}

fn warn_of_refusal(outcome: Result<()>, sentence: String, warnings: &mut Vec<String>) -> Result<()> {
    match outcome {
        Err(Error { kind: crate::model::Kind::Refused, .. }) => {
            warnings.push(sentence);
            Ok(())
        }
        outcome => outcome,
    }
}
