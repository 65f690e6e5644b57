//! Lists of tables (`[[brandings]]`, `[[igrps]]` and their types): read item by item, added
//! up across files, each id once. It must not know where the list stands in the file.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::field;
use super::keys::{self, BRANDING, IGRP, IGRP_TYPE, Row, join};
use super::problems::Place;
use super::show;
use super::values::{Branding, Igrp, IgrpType};
use super::walk::Reader;

/// An item of a list.
pub(super) trait Record: Default + 'static {
    const ROWS: &'static [Row<Self>];
    /// The key that no two items may share.
    const ID: &'static str;
    /// That key's value, `None` as long as it is unset.
    fn id(&self) -> Option<String>;
    fn place(&mut self) -> &mut Place;
}

/// The list in a field of `T`.
pub(super) struct Records<T, R>(pub fn(&mut T) -> &mut Vec<R>);

/// A list whose items may be of any kind.
pub(super) trait List<T>: Sync {
    /// Dotted names of the items' keys below `path`.
    fn names(&self, path: &str) -> Vec<String>;
    /// The items' keys in words.
    fn keys(&self) -> String;
    /// Adds `items` to those that are there.
    fn read(&self, reader: &mut Reader, name: &str, items: &[Spanned<DeValue>], into: &mut T);
    /// Every item as an inline table, and where it is written.
    fn show(&self, from: &mut T) -> Vec<(String, Place)>;
}

impl<T, R: Record> List<T> for Records<T, R> {
    fn names(&self, path: &str) -> Vec<String> {
        keys::rows_names(path, R::ROWS)
    }

    fn keys(&self) -> String {
        let names: Vec<_> = R::ROWS.iter().map(|row| format!("`{}`", row.name)).collect();
        names.join(", ")
    }

    fn read(&self, reader: &mut Reader, name: &str, items: &[Spanned<DeValue>], into: &mut T) {
        let records = (self.0)(into);
        let mut seen: HashMap<String, Place> =
            records.iter_mut().filter_map(|record| Some((record.id()?, record.place().clone()))).collect();
        for item in items {
            let DeValue::Table(table) = item.get_ref() else {
                reader.problem(item.span(), format!("`{name}` must hold tables, each with {}", self.keys()));
                continue;
            };
            let mut record: R = record(reader, name, item, table);
            if let Some(id) = record.id() {
                if let Some(other) = seen.get(&id) {
                    reader.problem(
                        item.span(),
                        format!(
                            "`{name}` has the {} `{}` twice, here and at {other}; change or remove one",
                            R::ID,
                            field::quoted(&id)
                        ),
                    );
                }
                seen.insert(id, record.place().clone());
            }
            records.push(record);
        }
    }

    fn show(&self, from: &mut T) -> Vec<(String, Place)> {
        (self.0)(from).iter_mut().map(|record| (inline(record), record.place().clone())).collect()
    }
}

impl Record for Branding {
    const ROWS: &'static [Row<Self>] = BRANDING;
    const ID: &'static str = "id";

    fn id(&self) -> Option<String> {
        (self.id > 0).then(|| self.id.to_string())
    }

    fn place(&mut self) -> &mut Place {
        &mut self.place
    }
}

impl Record for Igrp {
    const ROWS: &'static [Row<Self>] = IGRP;
    const ID: &'static str = "id";

    fn id(&self) -> Option<String> {
        (self.id > 0).then(|| self.id.to_string())
    }

    fn place(&mut self) -> &mut Place {
        &mut self.place
    }
}

impl Record for IgrpType {
    const ROWS: &'static [Row<Self>] = IGRP_TYPE;
    const ID: &'static str = "code";

    fn id(&self) -> Option<String> {
        (!self.code.is_empty()).then(|| self.code.clone())
    }

    fn place(&mut self) -> &mut Place {
        &mut self.place
    }
}

fn record<R: Record>(reader: &mut Reader, name: &str, item: &Spanned<DeValue>, table: &DeTable) -> R {
    let mut record = R::default();
    *record.place() = reader.place(item.span());
    for (key, value) in table {
        match R::ROWS.iter().find(|row| row.name == key.get_ref()) {
            Some(row) => field::read(reader, &join(name, row.name), row, value, &mut record),
            None => reader.unknown(name, key, R::ROWS.iter().map(|row| row.name)),
        }
    }
    for row in R::ROWS {
        if row.required && !table.contains_key(row.name) {
            reader.problem(
                item.span(),
                format!("`{}` is missing here; it must be {}", join(name, row.name), field::expects(&row.field)),
            );
        }
    }
    record
}

fn inline<R: Record>(record: &mut R) -> String {
    let pairs: Vec<_> = R::ROWS
        .iter()
        .filter_map(|row| {
            let value = show::render(&row.field, record)?;
            Some(format!("{} = {value}", row.name))
        })
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}
