//! Parameters of this dialect: query and body merged, arrays in PHP's style, and how they become the core's.

use std::collections::{BTreeMap, HashMap};

use crate::{
    api::{body, call::Call, failure::Failure, pairs::Pairs},
    model::{
        BrandingId, Error, Field, IgrpId, OrgId, Result,
        error::Problems,
        igrp::NewPlacement,
        organization::{NewOrganization, OrganizationPatch},
    },
    ops::organization::Children,
};

/// Parameters of one value each.
const SCALARS: [&str; 7] = ["orgName", "brandingId", "deleteSubOrgs", "rootOrgId", "format", "limit", "offset"];
/// Parameters of several values.
const ARRAYS: [&str; 6] = ["parentOrgSpec", "orgTypeCodes", "orgRefs", "filter", "sort", "display"];

/// The parameters in the query string.
pub fn query(call: &Call) -> std::result::Result<Pairs, Failure> {
    Ok(shaped(Pairs::from_query(call.query()).map_err(Call::malformed)?)?)
}

/// The parameters of a change: those in the query, and over them those in the body. A real client posts with everything
/// in the query and an empty body [client].
pub async fn merged(call: &Call) -> std::result::Result<Pairs, Failure> {
    let query = Pairs::from_query(call.query()).map_err(Call::malformed)?;
    Ok(shaped(query.overridden_by(body::pairs(call).await?))?)
}

/// Refuses arrays where one value belongs, and arrays of arrays. Parameters that are not known are passed over.
fn shaped(pairs: Pairs) -> Result<Pairs> {
    let mut problems = Problems::default();
    for name in SCALARS {
        let fits = pairs.all(name).all(|pair| pair.key.is_none());
        problems.require(fits, Field::Wire(name), "must be one value, not an array");
    }
    for name in ARRAYS {
        let fits = pairs.all(name).all(|pair| !pair.key.as_deref().unwrap_or_default().contains(['[', ']']));
        problems.require(fits, Field::Wire(name), "must not be nested, as in name[1][2]");
    }
    problems.check().map(|()| pairs)
}

/// The organisation that the path names. What is no id names none.
pub fn organization_id(call: &Call) -> std::result::Result<OrgId, Failure> {
    OrgId::parse(call.path("id")).ok_or_else(|| Call::no_such("organization"))
}

/// The installation group that the path names.
pub fn igrp_id(call: &Call) -> std::result::Result<IgrpId, Failure> {
    IgrpId::parse(call.path("id")).ok_or_else(|| Call::no_such("igrp"))
}

/// Keys and values of an array: `name[]` adds one, `name[key]` and plain `name` stand for one each, whose last is taken.
pub fn array<'a>(pairs: &'a Pairs, name: &str) -> Vec<(&'a str, &'a str)> {
    let mut items: Vec<(&str, &str)> = Vec::new();
    let mut places: HashMap<Option<&str>, usize> = HashMap::new();
    for pair in pairs.all(name) {
        let key = pair.key.as_deref();
        let item = (key.unwrap_or_default(), pair.value.as_str());
        if key == Some("") {
            items.push(item);
            continue;
        }
        let place = *places.entry(key).or_insert(items.len());
        if place == items.len() {
            items.push(item);
        } else {
            items[place] = item;
        }
    }
    items
}

/// `rootOrgId`: the organisation at and below which a list is taken.
pub fn root(query: &Pairs, problems: &mut Problems) -> Option<OrgId> {
    let text = query.last("rootOrgId")?;
    let root = OrgId::parse(text);
    problems.require(root.is_some(), Field::Wire("rootOrgId"), "must be the ID of an organisation");
    root
}

/// The parameters that make an organisation. Everything that is missing or wrong is told at once.
pub fn new_organization(pairs: &Pairs) -> Result<NewOrganization> {
    let mut problems = Problems::default();
    let parents = parse_parents(pairs, &mut problems);
    let title = pairs.last("orgName");
    if title.is_none() {
        problems.add(Field::Title, "is required");
    }
    if pairs.last("brandingId").is_none() {
        problems.add(Field::Branding, "is required");
    }
    let new = NewOrganization {
        title: title.unwrap_or_default().to_owned(),
        branding_id: branding(pairs, &mut problems),
        parents,
        placements: placements(pairs, &mut problems),
        ..NewOrganization::default()
    };
    let mut bounds = Problems::default();
    new.validate(&mut bounds);
    problems.extend(bounds, |field| title.is_some() || field != Field::Title);
    problems.check().map(|()| new)
}

/// The parameters that change an organisation: at least one of the two that can be changed.
pub fn patch(pairs: &Pairs) -> Result<OrganizationPatch> {
    let mut problems = Problems::default();
    let patch = OrganizationPatch {
        title: pairs.last("orgName").map(str::to_owned),
        branding_id: branding(pairs, &mut problems).into(),
        ..OrganizationPatch::default()
    };
    patch.validate(&mut problems);
    problems.check()?;
    if patch.title.is_none() && patch.branding_id.is_keep() {
        return Err(Error::invalid(Field::Title, "or brandingId is required"));
    }
    Ok(patch)
}

/// The parents that a change of links names; at least one.
pub fn parents(pairs: &Pairs) -> Result<Vec<OrgId>> {
    let mut problems = Problems::default();
    let parents = parse_parents(pairs, &mut problems);
    problems.check().map(|()| parents)
}

/// `deleteSubOrgs`: whether the organisations below go as well.
pub fn children(pairs: &Pairs) -> Result<Children> {
    match pairs.last("deleteSubOrgs") {
        None | Some("0") => Ok(Children::Refuse),
        Some("1") => Ok(Children::Cascade),
        Some(_) => Err(Error::invalid(Field::Wire("deleteSubOrgs"), "must be 0 or 1")),
    }
}

fn parse_parents(pairs: &Pairs, problems: &mut Problems) -> Vec<OrgId> {
    let given = array(pairs, "parentOrgSpec");
    if given.is_empty() {
        problems.add(Field::Parents, "is required");
    }
    let parents: Vec<OrgId> = given.iter().filter_map(|(_, text)| OrgId::parse(text)).collect();
    if parents.len() < given.len() {
        problems.add(
            Field::Parents,
            "must be the ID of an organisation, or several as parentOrgSpec[]=1&parentOrgSpec[]=2",
        );
    }
    parents
}

fn branding(pairs: &Pairs, problems: &mut Problems) -> Option<BrandingId> {
    let text = pairs.last("brandingId")?;
    let branding = BrandingId::parse(text);
    problems.require(branding.is_some(), Field::Branding, "must be the ID of a branding option");
    branding
}

/// `orgTypeCodes[19]=country` and `orgRefs[19]=FR-01`, by the id of their group.
fn placements(pairs: &Pairs, problems: &mut Problems) -> Vec<NewPlacement> {
    let mut placements: BTreeMap<IgrpId, NewPlacement> = BTreeMap::new();
    for (name, field) in [("orgTypeCodes", Field::OrganizationTypes), ("orgRefs", Field::OrganizationRefs)] {
        for (key, value) in array(pairs, name) {
            let Some(igrp_id) = IgrpId::parse(key) else {
                problems.add(field, format!("must be keyed by the ID of an IGRP, as in {name}[19]"));
                break;
            };
            let empty = NewPlacement { igrp_id, type_code: None, reference: None };
            let placement = placements.entry(igrp_id).or_insert(empty);
            if field == Field::OrganizationTypes {
                placement.type_code = Some(value.to_owned());
            } else {
                placement.reference = Some(value.to_owned());
            }
        }
    }
    placements.into_values().collect()
}
