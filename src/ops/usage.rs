//! Usage as the VMS reports it: mosaics and gigabytes of footage.

use super::{load, record};
use crate::{
    model::{
        Error, Field, Kind, OrgId, Organization, Result,
        actor::{Action, Who},
        error::Problems,
        limits::LIMIT_MAX,
    },
    store::{Write, organizations},
};

/// Most organizations of one report [ours].
pub const REPORTS_MAX: usize = 1000;

/// What a VMS reports of one organization; `None` is not reported and stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Mosaics.
    pub mosaic_count: Option<i64>,
    /// Gigabytes of footage, rounded up.
    pub dvr_used_gb: Option<i64>,
}

impl Usage {
    /// Collects what is out of bounds.
    pub fn validate(&self, problems: &mut Problems) {
        let Self { mosaic_count, dvr_used_gb } = self;
        for (value, field) in [(mosaic_count, Field::MosaicCount), (dvr_used_gb, Field::Wire("dvr_used_gb"))] {
            let fits = value.is_none_or(|value| (0..=LIMIT_MAX).contains(&value));
            problems.require(fits, field, "must be a whole number from 0 to 2147483647");
        }
    }
}

/// Takes a report. What is so already is recorded nowhere.
pub fn report(write: &Write<'_>, who: &Who, id: OrgId, usage: Usage) -> Result<Organization> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    let load::Loaded { organization, .. } = load::organization(write, &who.actor, Action::Govern, id)?;
    let mut problems = Problems::default();
    usage.validate(&mut problems);
    problems.check()?;
    let mosaic_count = usage.mosaic_count.unwrap_or(organization.mosaic_count);
    let dvr_used_gb = usage.dvr_used_gb.unwrap_or(organization.dvr_used_gb);
    if (mosaic_count, dvr_used_gb) == (organization.mosaic_count, organization.dvr_used_gb) {
        return Ok(organization);
    }
    let before = record::image(write, &organization)?;
    let change = organizations::report(write, id, mosaic_count, dvr_used_gb)?;
    record::organization(write, who, id, Some(&before), change)?.ok_or_else(Error::internal)
}

/// Takes the reports of several organizations, all or none. Each is named by its id or, where none has that, its name.
pub fn report_all(write: &Write<'_>, who: &Who, reports: &[(String, Usage)]) -> Result<()> {
    let _grant = load::administer(&who.actor, Action::Administer)?;
    for (name, usage) in reports {
        let of = |error: Error| match error.kind {
            Kind::NotFound => Error::invalid(
                Field::Wire("organizations"),
                format!("must be names or ids of organizations; there is no organization {name}"),
            ),
            _ => error,
        };
        let id = load::identify(write, name).map_err(of)?;
        report(write, who, id, *usage)?;
    }
    Ok(())
}
