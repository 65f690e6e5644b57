//! One value of the document becomes one field, or a problem that says what is allowed.
//! It must not know which keys there are.

use std::net::SocketAddr;
use std::slice;

use toml::Spanned;
use toml::de::{DeInteger, DeValue};

use super::keys::{Field, Row};
use super::show;
use super::values::Socket;
use super::walk::Reader;

/// The only version of the file format so far.
const VERSION: &str = "1";

/// Most addresses to listen on.
const MAX_ADDRESSES: usize = 16;

/// Most proxies, names of a certificate or plain addresses.
const MAX_WORDS: usize = 64;

/// Most items of one list in one file.
pub(super) const MAX_ITEMS: usize = 10_000;

/// Longest piece of the file that a problem repeats, in characters.
const MAX_QUOTED_CHARS: usize = 60;

/// The longest name of an organization that makes sense in a list of names.
const MAX_NAME_CHARS: usize = 255;

/// Fills the field of `row` from `value`. Only a value that is allowed changes `into`.
pub(super) fn read<T: Default>(reader: &mut Reader, name: &str, row: &Row<T>, value: &Spanned<DeValue>, into: &mut T) {
    let fits = match (&row.field, value.get_ref()) {
        (Field::Version, DeValue::Integer(number)) => number.as_str() == VERSION && number.radix() == 10,
        (Field::Number { min, max, at, .. }, DeValue::Integer(number)) => integer(number)
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (*min..=*max).contains(number))
            .map(|number| *at(into) = number)
            .is_some(),
        (Field::Order(at), DeValue::Integer(number)) => {
            integer(number).and_then(|number| i32::try_from(number).ok()).map(|number| *at(into) = number).is_some()
        }
        (Field::Flag(at), DeValue::Boolean(flag)) => {
            *at(into) = *flag;
            true
        }
        (Field::Text { shape, at }, DeValue::String(text)) if shape.fits(text) => {
            *at(into) = text.to_string();
            true
        }
        (Field::Path(at), DeValue::String(path)) if is_path(path) => {
            *at(into) = reader.beside_file(path);
            true
        }
        (Field::Folder(at), DeValue::String(path)) if is_path(path) => {
            *at(into) = Some(reader.beside_file(path));
            true
        }
        (Field::Socket(at), DeValue::String(path)) if !path.contains('\0') => {
            *at(into) = if path.is_empty() { Socket::Nowhere } else { Socket::At(reader.beside_file(path)) };
            true
        }
        (Field::SecretFile { .. }, DeValue::String(path)) if is_path(path) => {
            reader.secret_file(name, path, value.span());
            true
        }
        (Field::File { at, .. }, DeValue::String(path)) if is_path(path) => {
            *at(into) = Some(reader.beside_file(path));
            true
        }
        (Field::Words { fits, at, .. }, DeValue::String(_)) => {
            return words(reader, name, row, slice::from_ref(value), *fits, at(into));
        }
        (Field::Words { fits, at, .. }, DeValue::Array(list)) if list.len() <= MAX_WORDS => {
            return words(reader, name, row, list, *fits, at(into));
        }
        (Field::Addresses(at), DeValue::String(_)) => {
            return addresses(reader, name, row, slice::from_ref(value), at(into));
        }
        (Field::Addresses(at), DeValue::Array(list)) if (1..=MAX_ADDRESSES).contains(&list.len()) => {
            return addresses(reader, name, row, list, at(into));
        }
        (Field::Names(at), DeValue::Array(list)) if list.len() <= MAX_ITEMS => {
            *at(into) = Some(names(reader, name, row, list));
            true
        }
        (Field::List(list), DeValue::Array(items)) if items.len() <= MAX_ITEMS => {
            return list.read(reader, name, items, into);
        }
        _ => false,
    };
    if !fits {
        mismatch(reader, name, row, value);
    }
}

/// Reports a value that is not what the key takes.
pub(super) fn mismatch<T: Default>(reader: &mut Reader, name: &str, row: &Row<T>, value: &Spanned<DeValue>) {
    let mut message = format!("`{name}` must be {}, not {}", expects(&row.field), found(value.get_ref()));
    let unquoted = matches!(row.field, Field::Number { .. } | Field::Order(_) | Field::Flag(_) | Field::Version);
    if unquoted && matches!(value.get_ref(), DeValue::String(_)) {
        message.push_str("; write it without quotes or unit");
    } else if !row.required
        && !matches!(row.field, Field::List(_))
        && let Some(default) = show::render(&row.field, &mut T::default())
    {
        message.push_str("; leave the line out for the default, ");
        message.push_str(&default);
    }
    reader.problem(value.span(), message);
}

/// What a field takes, to follow "must be".
pub(super) fn expects<T>(field: &Field<T>) -> String {
    match field {
        Field::Version => VERSION.to_owned(),
        Field::Number { min, max, unit: "", .. } => {
            format!("a whole number from {min} to {max}")
        }
        Field::Number { min, max, unit, .. } => {
            format!("a whole number of {unit} from {min} to {max}")
        }
        Field::Order(_) => format!("a whole number from {} to {}", i32::MIN, i32::MAX),
        Field::Flag(_) => "true or false".to_owned(),
        Field::Text { shape, .. } => shape.expects(),
        Field::Socket(_) => "the path of a local socket, in quotes; empty for none".to_owned(),
        Field::Words { what, .. } => format!("an array of at most {MAX_WORDS} {what}"),
        Field::Path(_) | Field::File { .. } | Field::SecretFile { .. } => "the path of a file, in quotes".to_owned(),
        Field::Folder(_) => "the path of a folder, in quotes".to_owned(),
        Field::Addresses(_) => format!(
            "an IP address with a port like \"127.0.0.1:8480\" or \"[::1]:8480\", \
             or an array of 1 to {MAX_ADDRESSES} of them (host names are not looked up)"
        ),
        Field::Names(_) => {
            format!("an array of at most {MAX_ITEMS} organization names, each 1 to {MAX_NAME_CHARS} characters")
        }
        Field::List(list) => format!("a list of at most {MAX_ITEMS} tables, each with {}", list.keys()),
    }
}

/// A piece of the file, fit to stand in one line of a log.
pub(super) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let piece: String = chars.by_ref().take(MAX_QUOTED_CHARS).collect();
    let rest = if chars.next().is_some() { "…" } else { "" };
    format!("{}{rest}", piece.escape_debug())
}

fn addresses<T: Default>(
    reader: &mut Reader,
    name: &str,
    row: &Row<T>,
    values: &[Spanned<DeValue>],
    into: &mut Vec<SocketAddr>,
) {
    let mut listen: Vec<SocketAddr> = Vec::new();
    for value in values {
        let text = value.get_ref().as_str();
        match text.and_then(|text| text.parse::<SocketAddr>().ok()) {
            // Each port 0 becomes another port, so only a real one can be taken twice.
            Some(address) if address.port() != 0 && listen.contains(&address) => {
                reader.problem(value.span(), format!("`{name}` names {address} twice; take one away"))
            }
            Some(address) => listen.push(address),
            None => mismatch(reader, name, row, value),
        }
    }
    *into = listen;
}

fn words<T: Default>(
    reader: &mut Reader,
    name: &str,
    row: &Row<T>,
    values: &[Spanned<DeValue>],
    fits: fn(&str) -> bool,
    into: &mut Vec<String>,
) {
    let mut words: Vec<String> = Vec::new();
    for value in values {
        match value.get_ref().as_str() {
            Some(word) if words.iter().any(|known| known == word) => {
                reader.problem(value.span(), format!("`{name}` names {} twice; take one away", quoted(word)));
            }
            Some(word) if fits(word) => words.push(word.to_owned()),
            _ => mismatch(reader, name, row, value),
        }
    }
    *into = words;
}

fn names<T: Default>(reader: &mut Reader, name: &str, row: &Row<T>, values: &[Spanned<DeValue>]) -> Vec<String> {
    let mut names = Vec::new();
    for value in values {
        match value.get_ref() {
            DeValue::String(text) if !text.is_empty() && text.chars().count() <= MAX_NAME_CHARS => {
                names.push(text.to_string());
            }
            _ => mismatch(reader, name, row, value),
        }
    }
    names
}

pub(super) fn integer(number: &DeInteger) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn is_path(path: &str) -> bool {
    !path.is_empty() && !path.contains('\0')
}

pub(super) fn found(value: &DeValue) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", quoted(text)),
        DeValue::Integer(number) => quoted(&number.to_string()),
        DeValue::Float(number) => quoted(&number.to_string()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date or time".to_owned(),
        DeValue::Array(items) => format!("an array of {}", items.len()),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
