//! Table `users`.

use std::rc::Rc;

use rusqlite::{OptionalExtension, Row, named_params, types::Type};

use super::{Change, Read, Write, error::is_taken};
use crate::model::{
    Error, Field, Kind, OrgId, Result, UserId,
    event::Subject,
    text::fold,
    user::{Contact, NewUser, Role, User, UserFilter, UserOrder},
};

const COLUMNS: &str = "id, version, login, role, enabled, name, email, phone, note, locale, time_zone, external_id, \
                       max_sessions";

/// A user with the hash of its password, for whoever checks one.
#[derive(Debug)]
pub struct Secret {
    /// The user.
    pub user: User,
    /// Argon2id in PHC form; `None`: no password signs it in.
    pub password_hash: Option<String>,
}

/// One user by id.
pub fn get(read: &Read<'_>, id: UserId) -> Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([id.0], from_row).optional()?)
}

/// One user by login.
pub fn get_by_login(read: &Read<'_>, login: &str) -> Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE login = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([login], from_row).optional()?)
}

/// One user by login, with the hash of its password.
pub fn secret_by_login(read: &Read<'_>, login: &str) -> Result<Option<Secret>> {
    let sql = format!("SELECT {COLUMNS}, password_hash FROM users WHERE login = ?1");
    Ok(read.connection.prepare_cached(&sql)?.query_row([login], secret_from_row).optional()?)
}

/// One user by e-mail address, or by login where the user with that login has no address. Nobody where several share it.
pub fn secret_by_email(read: &Read<'_>, email: &str) -> Result<Option<Secret>> {
    let sql = format!(
        "SELECT {COLUMNS}, password_hash FROM users WHERE email = ?1 COLLATE NOCASE AND email <> '' \
         UNION ALL SELECT {COLUMNS}, password_hash FROM users WHERE login = ?1 AND email = '' LIMIT 2"
    );
    let mut statement = read.connection.prepare_cached(&sql)?;
    let mut found: Vec<Secret> = statement.query_map([email], secret_from_row)?.collect::<rusqlite::Result<_>>()?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// True where another user has this e-mail address, or has it for a login.
pub fn others_sign_in_by(read: &Read<'_>, id: UserId, email: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE email = ?2 COLLATE NOCASE AND email <> '' AND id <> ?1) \
               OR EXISTS (SELECT 1 FROM users WHERE login = ?2 AND id <> ?1)";
    Ok(read.connection.prepare_cached(sql)?.query_row((id.0, email), |row| row.get(0))?)
}

/// A user's login.
pub fn login(read: &Read<'_>, id: UserId) -> Result<Option<String>> {
    let sql = "SELECT login FROM users WHERE id = ?1";
    Ok(read.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?)
}

/// How many enabled super administrators there are beside this one.
pub fn other_super_admins(read: &Read<'_>, id: UserId) -> Result<i64> {
    let sql = "SELECT count(*) FROM users WHERE role = 'super_admin' AND enabled AND id <> ?1";
    Ok(read.connection.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
}

/// Whom a list is confined to.
#[derive(Debug)]
pub struct Among {
    /// Members of these.
    pub organizations: Vec<OrgId>,
    /// And this one.
    pub itself: Option<UserId>,
}

/// The users that meet the filter; all of them or those among some.
pub fn list(read: &Read<'_>, filter: &UserFilter, among: Option<Among>) -> Result<Vec<User>> {
    let order = match filter.order {
        UserOrder::Login => "login",
        UserOrder::Newest => "id DESC",
        UserOrder::Oldest => "id",
    };
    let confined = "(id = ?2 OR id IN (SELECT user_id FROM members WHERE organization_id IN rarray(?3)))";
    let condition = if among.is_some() { confined } else { "TRUE" };
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id > ?1 AND {condition} ORDER BY {order}");
    debug_assert!(filter.after.is_none() || filter.order == UserOrder::Oldest, "no other order begins after an id");
    let after = filter.after.map_or(0, |UserId(id)| id);
    let wanted = filter.search.as_deref().map(fold);
    let found = |user: &User| {
        wanted.as_ref().is_none_or(|wanted| {
            [&user.login, &user.contact.name, &user.contact.email].iter().any(|text| fold(text).contains(wanted))
        })
    };
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let mut statement = read.connection.prepare_cached(&sql)?;
    let rows = match among {
        None => statement.query_map([after], from_row)?,
        Some(Among { organizations, itself }) => {
            let ids: Vec<_> = organizations.into_iter().map(|id| rusqlite::types::Value::Integer(id.0)).collect();
            statement.query_map((after, itself.map(|id| id.0), Rc::new(ids)), from_row)?
        }
    };
    let page = rows
        .filter(|row| row.as_ref().map_or(true, found))
        .skip(usize::try_from(filter.offset).unwrap_or(usize::MAX))
        .take(limit);
    Ok(page.collect::<rusqlite::Result<_>>()?)
}

/// Makes a user. Its membership is the caller's to add.
pub fn insert(write: &Write<'_>, new: &NewUser) -> Result<(UserId, Change)> {
    let NewUser { login, password_hash, role, enabled, contact, max_sessions, join: _ } = new;
    let sql = "INSERT INTO users (login, password_hash, role, enabled, name, email, phone, note, locale, time_zone, \
               external_id, max_sessions, created_at_ms) VALUES (:login, :password_hash, :role, :enabled, :name, \
               :email, :phone, :note, :locale, :time_zone, :external_id, :max_sessions, :created_at_ms)";
    let Contact { name, email, phone, note, locale, time_zone, external_id } = contact;
    let inserted = write.connection.prepare_cached(sql)?.execute(named_params! {
        ":login": login,
        ":password_hash": password_hash,
        ":role": role.name(),
        ":enabled": enabled,
        ":name": name,
        ":email": email,
        ":phone": phone,
        ":note": note,
        ":locale": locale,
        ":time_zone": time_zone,
        ":external_id": external_id,
        ":max_sessions": max_sessions,
        ":created_at_ms": write.now_ms(),
    });
    taken_login(inserted, login)?;
    write.identities_changed();
    let id = UserId(write.connection.last_insert_rowid());
    Ok((id, Change::of(Subject::User(id))))
}

/// Stores a changed user, and a new password where one is given.
pub fn update(write: &Write<'_>, user: &User, password_hash: Option<&str>) -> Result<Change> {
    let User { id, version: _, login, role, enabled, contact, max_sessions } = user;
    let sql = "UPDATE users SET version = version + 1, login = :login, role = :role, enabled = :enabled, name = :name, \
               email = :email, phone = :phone, note = :note, locale = :locale, time_zone = :time_zone, \
               external_id = :external_id, max_sessions = :max_sessions, \
               password_hash = coalesce(:password_hash, password_hash) WHERE id = :id";
    let Contact { name, email, phone, note, locale, time_zone, external_id } = contact;
    let updated = write.connection.prepare_cached(sql)?.execute(named_params! {
        ":id": id.0,
        ":login": login,
        ":password_hash": password_hash,
        ":role": role.name(),
        ":enabled": enabled,
        ":name": name,
        ":email": email,
        ":phone": phone,
        ":note": note,
        ":locale": locale,
        ":time_zone": time_zone,
        ":external_id": external_id,
        ":max_sessions": max_sessions,
    });
    taken_login(updated, login)?;
    write.identities_changed();
    Ok(Change::of(Subject::User(*id)))
}

/// Removes a user that is no member and owns nothing any more; its sessions and keys go with it.
pub fn delete(write: &Write<'_>, id: UserId) -> Result<Change> {
    write.connection.prepare_cached("DELETE FROM users WHERE id = ?1")?.execute([id.0])?;
    write.identities_changed();
    Ok(Change::of(Subject::User(id)))
}

fn taken_login(outcome: rusqlite::Result<usize>, login: &str) -> Result<()> {
    match outcome {
        Ok(_) => Ok(()),
        Err(error) if is_taken(&error) => {
            let mut error =
                Error::new(Kind::Taken, "login_taken", format!("a user with the login {login} already exists"));
            let message = "is already taken".to_owned();
            error.problems.push(crate::model::error::Problem { field: Field::Login, message });
            Err(error)
        }
        Err(error) => Err(error.into()),
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    let role: String = row.get(3)?;
    let role = Role::parse(&role)
        .ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(3, Type::Text, "unknown role".into()))?;
    Ok(User {
        id: UserId(row.get(0)?),
        version: row.get(1)?,
        login: row.get(2)?,
        role,
        enabled: row.get(4)?,
        contact: Contact {
            name: row.get(5)?,
            email: row.get(6)?,
            phone: row.get(7)?,
            note: row.get(8)?,
            locale: row.get(9)?,
            time_zone: row.get(10)?,
            external_id: row.get(11)?,
        },
        max_sessions: row.get(12)?,
    })
}

fn secret_from_row(row: &Row<'_>) -> rusqlite::Result<Secret> {
    Ok(Secret { user: from_row(row)?, password_hash: row.get(13)? })
}
