//! Lists of organizations: one statement built from a filter, conditions run inside it by the model's own function.

use std::rc::Rc;

use rusqlite::{
    Connection, Row, ToSql,
    functions::{Context, FunctionFlags},
    types::{Value as Sql, ValueRef},
};

use super::{Read, organizations};
use crate::model::{
    BrandingId, OrgId, Organization, Result, UserId,
    filter::{Condition, FilterField, Operand, SortKey, Value},
    limits::Limits,
    organization::{Account, After, Heading, Order, OrganizationFilter, Search},
    text::fold,
};

/// The SQL function that runs a [`Condition`]; given as field, operand and comparison.
const HOLDS: &str = "orgbox_holds";

/// Makes the function known to a connection.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(HOLDS, 4, flags, holds)?;
    connection.create_scalar_function("orgbox_fold", 1, flags, folded)?;
    connection.create_scalar_function("orgbox_includes", 2, flags, includes)
}

/// The organizations that meet the filter, only those in `among` where it is given.
pub fn list<T: Listed>(read: &Read<'_>, filter: &OrganizationFilter, among: Option<Vec<OrgId>>) -> Result<Vec<T>> {
    let mut query = Query::default();
    query.after(filter);
    query.narrow(filter, among);
    if let Some(name) = &filter.name {
        query.condition("o.name = ?", Box::new(name.clone()));
    }
    query.search(filter.search.as_ref());
    query.conditions(&filter.conditions);
    query.order(&filter.order);
    query.page(filter);
    let mut statement = read.connection.prepare_cached(&query.sql(T::COLUMNS))?;
    let parameters = query.parameters.iter().map(|parameter| &**parameter);
    let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
    let mut found = Vec::with_capacity(filter.limit.map_or(0, clamp).min(1000));
    while let Some(row) = rows.next()? {
        found.push(T::from_row(row)?);
    }
    Ok(found)
}

impl Listed for Account {
    const COLUMNS: &'static str = "o.id, o.title, o.owner_id, o.camera_limit, o.user_limit, o.dvr_limit_gb, o.user_count, \
                                   o.camera_count, o.mosaic_count, o.dvr_used_gb";

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: OrgId(row.get(0)?),
            title: row.get(1)?,
            owner_id: row.get::<_, Option<i64>>(2)?.map(UserId),
            limits: Limits { camera_limit: row.get(3)?, user_limit: row.get(4)?, dvr_limit_gb: row.get(5)? },
            user_count: row.get(6)?,
            camera_count: row.get(7)?,
            mosaic_count: row.get(8)?,
            dvr_used_gb: row.get(9)?,
        })
    }
}

/// What a list can be made of.
pub trait Listed: Sized {
    /// The columns that are read.
    const COLUMNS: &'static str;

    /// Reads them.
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self>;
}

impl Listed for Organization {
    const COLUMNS: &'static str = organizations::COLUMNS;

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        organizations::from_row(row)
    }
}

impl Listed for Heading {
    const COLUMNS: &'static str = "o.id, o.name, o.title, o.description, o.image_url, o.status, o.branding_id";

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: OrgId(row.get(0)?),
            name: row.get(1)?,
            title: row.get(2)?,
            description: row.get(3)?,
            image_url: row.get(4)?,
            status: row.get(5)?,
            branding_id: row.get::<_, Option<i64>>(6)?.map(BrandingId),
        })
    }
}

#[derive(Default)]
struct Query {
    conditions: Vec<String>,
    parameters: Vec<Box<dyn ToSql>>,
    order: String,
    page: &'static str,
    brandings: bool,
    paged: bool,
}

impl Query {
    fn after(&mut self, filter: &OrganizationFilter) {
        let Some(After { title_key, id }) = &filter.after else { return };
        if filter.order == Order::Title {
            self.condition("(o.title_key, o.id) > (?, ?)", Box::new(title_key.clone()));
            self.parameters.push(Box::new(id.0));
        } else {
            debug_assert_eq!(filter.order, Order::Id, "no other order has a place to begin after");
            self.condition("o.id > ?", Box::new(id.0));
        }
    }

    /// Ids in hand and in the order of the list are cut to the page before anything is read.
    fn narrow(&mut self, filter: &OrganizationFilter, among: Option<Vec<OrgId>>) {
        let Some(mut among) = among else { return };
        let by_id = matches!(filter.order, Order::Id | Order::Newest);
        if by_id && filter.conditions.is_empty() && filter.search.is_none() && filter.name.is_none() {
            among.sort_unstable();
            if filter.order == Order::Newest {
                among.reverse();
            }
            if let Some(after) = &filter.after {
                among.retain(|id| *id > after.id);
            }
            let limit = filter.limit.map_or(usize::MAX, clamp);
            among = among.into_iter().skip(clamp(filter.offset)).take(limit).collect();
            self.paged = true;
        }
        let ids: Vec<Sql> = among.into_iter().map(|id| Sql::Integer(id.0)).collect();
        self.condition("o.id IN rarray(?)", Box::new(Rc::new(ids)));
    }

    fn search(&mut self, search: Option<&Search>) {
        match search {
            None => {}
            Some(Search::Title(text)) => self.condition("instr(o.title_key, ?) > 0", Box::new(fold(text))),
            Some(Search::Everywhere(text)) => {
                let text = fold(text);
                self.conditions.push(
                    "(instr(o.title_key, ?) > 0 OR orgbox_includes(o.name, ?) OR orgbox_includes(o.description, ?))"
                        .to_owned(),
                );
                self.parameters.extend([&text; 3].map(|text| Box::new(text.clone()) as Box<dyn ToSql>));
            }
        }
    }

    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            let column = self.column(condition.field);
            let field = FilterField::ALL.iter().position(|field| *field == condition.field).unwrap_or_default();
            self.conditions.push(format!("{HOLDS}(?, ?, ?, {column})"));
            self.parameters.push(Box::new(field as i64));
            self.parameters.push(Box::new(condition.operand.name));
            self.parameters.push(Box::new(condition.comparison().to_owned()));
        }
    }

    fn order(&mut self, order: &Order) {
        let keys: &[SortKey] = match order {
            Order::By(keys) => keys,
            Order::Id => &[],
            Order::Newest => return self.order.push_str("o.id DESC"),
            Order::Title => return self.order.push_str("o.title_key, o.id"),
        };
        for key in keys {
            let column = match key.field {
                FilterField::Title => "o.title_key".to_owned(),
                field if field.is_number() => self.column(field).to_owned(),
                field => format!("orgbox_fold({})", self.column(field)),
            };
            self.order.push_str(&column);
            self.order.push_str(if key.descending { " DESC, " } else { ", " });
        }
        self.order.push_str("o.id");
    }

    fn page(&mut self, filter: &OrganizationFilter) {
        if self.paged || (filter.limit.is_none() && filter.offset == 0) {
            return;
        }
        let clamped = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.page = " LIMIT ? OFFSET ?";
        self.parameters.push(Box::new(filter.limit.map_or(-1, clamped)));
        self.parameters.push(Box::new(clamped(filter.offset)));
    }

    fn condition(&mut self, sql: &str, parameter: Box<dyn ToSql>) {
        self.conditions.push(sql.to_owned());
        self.parameters.push(parameter);
    }

    fn column(&mut self, field: FilterField) -> &'static str {
        let (column, of_branding) = match field {
            FilterField::OrganizationId => ("o.id", false),
            FilterField::Title => ("o.title", false),
            FilterField::Status => ("o.status", false),
            FilterField::BrandingId => ("o.branding_id", false),
            FilterField::BrandingName => ("b.name", true),
            FilterField::LogoFilename => ("b.logo_filename", true),
            FilterField::LandingDomain => ("b.landing_domain", true),
            FilterField::PrimaryColor => ("b.primary_color", true),
        };
        self.brandings |= of_branding;
        column
    }

    fn sql(&self, columns: &str) -> String {
        let join = if self.brandings { " LEFT JOIN brandings b ON b.id = o.branding_id" } else { "" };
        let conditions = if self.conditions.is_empty() { "TRUE".to_owned() } else { self.conditions.join(" AND ") };
        format!(
            "SELECT {columns} FROM organizations_in_force o{join} WHERE {conditions} ORDER BY {}{}",
            self.order, self.page
        )
    }
}

fn clamp(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn holds(context: &Context<'_>) -> rusqlite::Result<bool> {
    let field = usize::try_from(context.get::<i64>(0)?).unwrap_or(usize::MAX);
    // Compiled once for a statement: SQLite keeps what belongs to an argument that stays the same.
    let condition = context.get_or_create_aux(2, |comparison| {
        let field = *FilterField::ALL.get(field).ok_or("no such field")?;
        let operand = context.get_raw(1).as_str().ok().and_then(Operand::parse).ok_or("no such operand")?;
        let comparison = comparison.as_str().map_err(|_| "the comparison is text")?;
        Condition::new(field, operand, comparison)
    })?;
    Ok(match context.get_raw(3) {
        ValueRef::Integer(number) => condition.holds(Value::Number(number)),
        ValueRef::Text(text) => condition.holds(Value::Text(&String::from_utf8_lossy(text))),
        _ => condition.holds(Value::Text("")),
    })
}

/// `orgbox_fold(text)`: the form in which texts are ordered; unset is as empty.
fn folded(context: &Context<'_>) -> rusqlite::Result<String> {
    Ok(fold(context.get_raw(0).as_str_or_null().unwrap_or_default().unwrap_or_default()))
}

/// `orgbox_includes(text, folded)`: whether a text that may be unset holds another without regard to case.
fn includes(context: &Context<'_>) -> rusqlite::Result<bool> {
    let Some(text) = context.get_raw(0).as_str_or_null().unwrap_or_default() else { return Ok(false) };
    let wanted = context.get_raw(1).as_str().unwrap_or_default();
    Ok(fold(text).contains(wanted))
}
