//! DELETE: only without devices.

use orgbox::model::{
    OrgId, UserId,
    actor::Who,
    camera::{CameraKind, NewCamera},
};
use orgbox::ops::camera;

use super::{organization, partner};
use crate::support::TestBox;

#[test]
fn an_organization_with_devices_stays() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let id = organization(&partner, "Company Name");
    let path = format!("/organizations/{id}");
    let new = NewCamera {
        organization_id: OrgId(id),
        name: "lorry 7".to_owned(),
        kind: CameraKind::Front,
        partner_id: Some(UserId(1)),
    };
    let store = test_box.running().store();
    let camera = store.write(move |write| camera::register(write, &Who::system(), &new)).unwrap();
    assert_eq!(partner.get(&path).json()["data"]["devicesCount"], 1);
    let answer = partner.delete(&path).expect(400).json();
    assert_eq!(answer["message"], "bad request error: the organization has 1 cameras; remove them first");
    partner.get(&path).expect(200);
    store.write(move |write| camera::remove(write, &Who::system(), camera.id)).unwrap();
    let answer = partner.delete(&path).expect(200);
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["requestId"]);
    assert_eq!(body["requestId"], answer.header("x-request-id"));
    partner.delete(&path).expect(404);
    partner.get(&path).expect(404);
}

#[test]
fn what_hung_below_it_hangs_below_its_parents() {
    let test_box = TestBox::start();
    let partner = partner(&test_box);
    let (above, below) = (organization(&partner, "Above"), organization(&partner, "Below"));
    let link = move |write: &orgbox::store::Write<'_>| {
        orgbox::ops::hierarchy::set_parents(write, &Who::system(), OrgId(below), &[OrgId(above)])
    };
    test_box.running().store().write(link).unwrap();
    partner.delete(&format!("/organizations/{above}")).expect(200);
    let parents = format!("SELECT parent_id FROM organization_parents WHERE child_id = {below}");
    assert_eq!(test_box.query(&parents), ["1"]);
}
