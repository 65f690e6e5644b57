//! Reading a file that is to be imported, as an export writes it or as people do: every mistake with its line and field.

use std::str::FromStr;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    input::Body,
    transfer_wire::{FORM, JOINT, MEMBER_COLUMNS, ORGANIZATION_COLUMNS, unguarded},
};
use crate::{
    api::body::whole,
    model::{
        BrandingId, CameraId, Field, IgrpId, OrgId, Patch, Result,
        branding::Branding,
        camera::CameraKind,
        igrp::{Igrp, NewPlacement, OrganizationType},
        member::RightsPatch,
        overrides::{self, FIELDS, ValueKind},
        transfer::{
            BrandingItem, CameraItem, HoldItem, Import, Item, LINES_MAX, Line, MISTAKES_MAX, MemberItem, Mistake,
            OrganizationItem, UserItem,
        },
        user::{Role, UserPatch},
    },
};

const NAMES_RULE: &str = "must be a list of names of organizations";

/// Reads a file: lines of JSON, or a table of organizations or members. What is wrong is among the mistakes, and of a file
/// with any nothing may be taken.
pub fn read(bytes: &[u8]) -> (Import, Vec<Mistake>) {
    let mut reader = Reader::default();
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => reader.json_lines(bytes),
        Some(_) => reader.table(bytes),
        None => reader.wrong(1, "", "the file is empty; an export begins with a head line, a table with its columns"),
    }
    (reader.import, reader.mistakes)
}

#[derive(Default)]
struct Reader {
    import: Import,
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn json_lines(&mut self, bytes: &[u8]) {
        let mut has_head = false;
        for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if self.is_full(number) {
                return;
            }
            match serde_json::from_slice::<Value>(line) {
                Ok(Value::Object(object)) if !has_head => {
                    has_head = true;
                    self.head(number, &object);
                }
                Ok(Value::Object(object)) => self.line(number, &object),
                Ok(_) => self.wrong(number, "", "must be a JSON object"),
                Err(error) => self.wrong(number, "", &format!("is not JSON at column {}", error.column())),
            }
        }
    }

    fn head(&mut self, number: u64, object: &Map<String, Value>) {
        match object.get("orgbox_export").and_then(Value::as_u64) {
            Some(FORM) => {}
            Some(_) => {
                return self.wrong(number, "orgbox_export", "is a form that this orgbox does not know; it is too old");
            }
            None => {
                return self.wrong(number, "orgbox_export", "must stand in the first line, which is the export's head");
            }
        }
        match object.get("site").and_then(Value::as_str).map(Uuid::from_str) {
            Some(Ok(site)) => self.import.site = Some(site),
            None => {}
            Some(Err(_)) => self.wrong(number, "site", "must be a UUID"),
        }
    }

    fn table(&mut self, bytes: &[u8]) {
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let columns = match rows.headers() {
            Ok(columns) => columns.clone(),
            Err(_) => return self.wrong(1, "", "must be UTF-8"),
        };
        let is_members = columns.iter().any(|column| column == "login");
        let (kind, known): (_, &[&str]) =
            if is_members { ("member", &MEMBER_COLUMNS) } else { ("organization", &ORGANIZATION_COLUMNS) };
        for (place, column) in columns.iter().enumerate() {
            if !known.contains(&column) {
                self.wrong(1, column, &format!("is no column of a table of {kind}s; it has {}", known.join(", ")));
            } else if columns.iter().take(place).any(|before| before == column) {
                self.wrong(1, column, "stands twice");
            }
        }
        if !self.mistakes.is_empty() {
            return;
        }
        for row in rows.records() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    let number = error.position().map_or(1, csv::Position::line);
                    return self.wrong(number, "", "is no row of a table in UTF-8");
                }
            };
            let number = row.position().map_or(1, csv::Position::line);
            if self.is_full(number) {
                return;
            }
            if row.len() != columns.len() {
                let message = format!("has {} cells, and the table has {} columns", row.len(), columns.len());
                self.wrong(number, "", &message);
                continue;
            }
            let mut object = Map::new();
            object.insert("kind".to_owned(), kind.into());
            for (column, cell) in columns.iter().zip(&row) {
                if let Some(value) = value_of(column, unguarded(cell)) {
                    object.insert(column.to_owned(), value);
                }
            }
            self.line(number, &object);
        }
    }

    fn line(&mut self, number: u64, object: &Map<String, Value>) {
        let mut body = Body::of(object);
        let kind = body.text(Field::Wire("kind"));
        let read = match kind.set().map(String::as_str) {
            Some("igrp") => igrp,
            Some("user") => user,
            Some("organization") => organization,
            Some("branding") => branding,
            Some("member") => member,
            Some("camera") => camera,
            Some("hold") => hold,
            _ => {
                let message = "must be igrp, user, organization, branding, member, camera or hold";
                return self.wrong(number, "kind", message);
            }
        };
        match read(body) {
            Ok(item) => self.import.lines.push(Line { number, item }),
            Err(error) => {
                for problem in error.problems {
                    let field = match problem.field {
                        Field::Wire("body") => "",
                        field => field.core_name(),
                    };
                    self.wrong(number, field, &problem.message);
                }
            }
        }
    }

    /// True where no more is looked at.
    fn is_full(&mut self, number: u64) -> bool {
        if self.import.lines.len() >= LINES_MAX {
            self.wrong(
                number,
                "",
                &format!("is more than the {LINES_MAX} lines of one import; give the rest in another"),
            );
            return true;
        }
        self.mistakes.len() >= MISTAKES_MAX
    }

    fn wrong(&mut self, line: u64, field: &str, message: &str) {
        self.mistakes.push(Mistake { line, field: field.to_owned(), message: message.to_owned() });
    }
}

/// What a cell stands for: nothing is the default, and no wish where there is none.
fn value_of(column: &str, cell: &str) -> Option<Value> {
    let number = || cell.parse::<i64>().map_or_else(|_| cell.into(), Value::from);
    let flag = || cell.to_ascii_lowercase().parse::<bool>().map_or_else(|_| cell.into(), Value::from);
    let kind = overrides::field(column).map(|(_, kind)| kind);
    Some(match (column, kind) {
        ("parents" | "id" | "can_view_stats" | "can_edit_users" | "can_edit_cameras", _) if cell.is_empty() => {
            return None;
        }
        (_, _) if cell.is_empty() => Value::Null,
        ("parents", _) => cell.split(JOINT).map(Value::from).collect(),
        ("id", _) | (_, Some(ValueKind::Number)) => number(),
        ("can_view_stats" | "can_edit_users" | "can_edit_cameras", _) | (_, Some(ValueKind::Flag)) => flag(),
        _ => cell.into(),
    })
}

fn igrp(mut body: Body<'_>) -> Result<Item> {
    let types = |value: &Value| -> Option<Vec<OrganizationType>> {
        let kind = |item: &Value| {
            let text = |name: &str| Some(item.get(name)?.as_str()?.to_owned());
            let order = item.get("order").and_then(Value::as_i64).unwrap_or_default();
            Some(OrganizationType { code: text("code")?, name: text("name")?, order })
        };
        value.as_array()?.iter().map(kind).collect()
    };
    let id = body.number(Field::Id);
    let id = body.required(Field::Id, id);
    let name = body.text(Field::Name);
    let name = body.required(Field::Name, name);
    let types = body.read(Field::Wire("types"), "must be a list of types, each with code, name and order", types);
    body.any("managed");
    body.finish()?;
    let mut types = types.into_set().unwrap_or_default();
    types.sort_by(|left, right| (left.order, &left.code).cmp(&(right.order, &right.code)));
    Ok(Item::Igrp(Igrp { id: IgrpId(id), name, types }))
}

fn user(mut body: Body<'_>) -> Result<Item> {
    let login = body.text(Field::Login);
    let login = body.required(Field::Login, login);
    let role = |value: &Value| value.as_str().and_then(Role::parse);
    let role = body.read(Field::Role, "must be user, admin or super_admin", role);
    let enabled = body.flag(Field::Enabled);
    let mut text = |field: Field| match body.text(field) {
        Patch::Keep => None,
        // Texts set to nothing are unset.
        Patch::Clear => Some(String::new()),
        Patch::Set(text) => Some(text),
    };
    let name = text(Field::FullName);
    let [email, phone, note, locale, time_zone, external_id] =
        [Field::Email, Field::Phone, Field::Note, Field::Locale, Field::TimeZone, Field::ExternalId].map(text);
    let max_sessions = body.number(Field::MaxSessions);
    let role = body.given(Field::Role, role);
    let enabled = body.given(Field::Enabled, enabled);
    body.any("id");
    let patch = UserPatch {
        login: None,
        password_hash: None,
        role,
        enabled,
        name,
        email,
        phone,
        note,
        locale,
        time_zone,
        external_id,
        max_sessions,
    };
    patch.validate(&mut body.problems);
    body.finish()?;
    Ok(Item::User(UserItem { login, patch }))
}

fn organization(mut body: Body<'_>) -> Result<Item> {
    let id = body.number(Field::Id).into_set().map(OrgId);
    let name = body.text(Field::Name);
    let name = body.required(Field::Name, name);
    let mut values = Vec::new();
    for (field, kind) in FIELDS {
        let wanted = match kind {
            ValueKind::Text => body.text(field).map(overrides::Value::Text),
            ValueKind::Number => body.number(field).map(overrides::Value::Number),
            ValueKind::Flag => body.flag(field).map(overrides::Value::Flag),
        };
        match wanted {
            Patch::Keep => {}
            Patch::Clear if field == Field::Title => body.problems.add(field, "must not be empty"),
            Patch::Clear => values.push((field, None)),
            Patch::Set(value) => match overrides::check(field, &value) {
                Ok(()) => values.push((field, Some(value))),
                Err(message) => body.problems.add(field, message),
            },
        }
    }
    let owner = body.text(Field::Wire("owner"));
    let parents = body.read(Field::Parents, NAMES_RULE, names).into_set();
    let placement = "must be a list of placements, each with igrp, type and reference";
    let placements = body.read(Field::Wire("placements"), placement, placements).into_set().unwrap_or_default();
    body.any("partner");
    body.any("managed");
    body.finish()?;
    Ok(Item::Organization(OrganizationItem { id, name, owner, parents, values, placements }))
}

fn branding(mut body: Body<'_>) -> Result<Item> {
    let id = body.number(Field::Id);
    let id = body.required(Field::Id, id);
    let mut text = |field: Field| {
        let text = body.text(field);
        body.required(field, text)
    };
    let name = text(Field::Name);
    let [logo_filename, landing_domain, primary_color] =
        ["logo_filename", "landing_domain", "primary_color"].map(|name| text(Field::Wire(name)));
    let organizations = body.read(Field::Wire("organizations"), NAMES_RULE, names).into_set().unwrap_or_default();
    body.any("managed");
    body.finish()?;
    let branding =
        Branding { id: BrandingId(id), name, logo_filename, landing_domain, primary_color, organizations: Vec::new() };
    Ok(Item::Branding(BrandingItem { branding, organizations }))
}

fn member(mut body: Body<'_>) -> Result<Item> {
    let organization = body.text(Field::Wire("organization"));
    let organization = body.required(Field::Wire("organization"), organization);
    let login = body.text(Field::Login);
    let login = body.required(Field::Login, login);
    body.any("name");
    let mut flag = |name: &'static str| {
        let flag = body.flag(Field::Wire(name));
        body.given(Field::Wire(name), flag)
    };
    let rights = RightsPatch {
        can_view_stats: flag("can_view_stats"),
        can_edit_users: flag("can_edit_users"),
        can_edit_cameras: flag("can_edit_cameras"),
    };
    body.finish()?;
    Ok(Item::Member(MemberItem { organization, login, rights }))
}

fn camera(mut body: Body<'_>) -> Result<Item> {
    let id = body.number(Field::Id).into_set().map(CameraId);
    let organization = body.text(Field::Wire("organization"));
    let organization = body.required(Field::Wire("organization"), organization);
    let name = body.text(Field::Name);
    let name = body.required(Field::Name, name);
    let kind = |value: &Value| CameraKind::from_number(value.as_number().and_then(whole)?).ok();
    let kind = body.read(Field::CameraKind, "must be 1 (front), 2 (rear) or 50 to 999 (auxiliary)", kind);
    let kind = body.given(Field::CameraKind, kind).unwrap_or(CameraKind::Front);
    let partner = body.text(Field::Wire("partner")).into_set();
    body.finish()?;
    Ok(Item::Camera(CameraItem { id, organization, name, kind, partner }))
}

fn hold(mut body: Body<'_>) -> Result<Item> {
    let organization = body.text(Field::Wire("organization")).into_set();
    let camera = body.number(Field::Wire("camera")).into_set().map(CameraId);
    let reason = body.text(Field::Wire("reason"));
    let reason = body.required(Field::Wire("reason"), reason);
    body.any("author");
    body.any("since");
    body.finish()?;
    Ok(Item::Hold(HoldItem { organization, camera, reason }))
}

fn names(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect()
}

fn placements(value: &Value) -> Option<Vec<NewPlacement>> {
    let placement = |item: &Value| {
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(NewPlacement {
            igrp_id: IgrpId(item.get("igrp")?.as_i64()?),
            type_code: text("type"),
            reference: text("reference"),
        })
    };
    value.as_array()?.iter().map(placement).collect()
}
