//! What it costs a write that billing hears of it: the event's text, the digest, the number, the row.

use std::sync::Arc;

use orgbox::{
    model::{
        OrgId, Result,
        actor::Who,
        event::{Image, OrganizationImage},
    },
    store::{Store, Write, journal, organizations},
};

use super::{
    Plan, median,
    receiver::{Kind, Receiver},
    rig::{ORGANIZATIONS, Rig, rename, seconds},
};

/// Writes that share a commit, as with 64 clients.
const GROUP: usize = 64;

pub fn run(plan: Plan) {
    let receiver = Receiver::start(Kind::Plain);
    let rig = Rig::start(&receiver);
    let writes = 6_400 / plan.part;
    let (mut recording, mut grouped, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    // A difference of two times that are nearly the same wants many of them.
    for _ in 0..5 * plan.rounds {
        grouped.push(each_us(&rig.store, writes, GROUP, rename));
        alone.push(each_us(&rig.store, writes / 16, 1, rename));
        let with = each_us(&rig.store, writes, GROUP, |write, number| touch(write, number, true));
        let without = each_us(&rig.store, writes, GROUP, |write, number| touch(write, number, false));
        recording.push(with - without);
    }
    let (recording, grouped, alone) = (median(recording), median(grouped), median(alone));
    println!("recording an event: {recording:.1} µs");
    for (line, write) in [("of a write that shares its commit with 63", grouped), ("of a write alone", alone)] {
        println!("{:<44} {write:>8.1} µs {:>6.1} %", line, recording / write * 100.0);
    }
}

/// Microseconds of each write.
fn each_us(store: &Arc<Store>, writes: usize, group: usize, work: fn(&Write<'_>, usize) -> Result<()>) -> f64 {
    let took = seconds(|| {
        for first in (0..writes).step_by(group) {
            store.write(move |write| (first..first + group).try_for_each(|number| work(write, number))).unwrap();
        }
    });
    took * 1e6 / writes as f64
}

/// Changes an organization with nothing around it, and records the event, or not. What the files change is told billing and
/// not the audit trail.
fn touch(write: &Write<'_>, number: usize, tell: bool) -> Result<()> {
    let id = OrgId(1 + (number * 7 % ORGANIZATIONS) as i64);
    let before = image(write, id)?;
    let change = organizations::touch(write, id)?;
    let mut after = image(write, id)?;
    if let Image::Organization(image) = &mut after {
        image.organization.title = format!("Changed {number}");
    }
    if !tell {
        drop(change);
        return Ok(());
    }
    let record = journal::Record {
        who: &Who::file(&[0; 32]),
        version: number as i64,
        before: Some(&before),
        after: Some(&after),
    };
    journal::record(write, change, &record)
}

fn image(write: &Write<'_>, id: OrgId) -> Result<Image> {
    let organization = organizations::get(write, id)?.ok_or_else(orgbox::model::Error::internal)?;
    let image = OrganizationImage { organization, parents: vec![OrgId(1)], members: Some(Vec::new()), hold: None };
    Ok(Image::Organization(Box::new(image)))
}
