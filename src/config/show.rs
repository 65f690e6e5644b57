//! The effective configuration as a TOML document in which each line says where its value
//! comes from. It never shows a secret.

use toml::Value;

use super::keys::{Field, Row, SECTIONS, join};
use super::problems::Origin;
use super::values::Config;

impl Config {
    /// The effective configuration as TOML, each value with its origin in a comment
    /// (`# default`, `# config.toml:4`). Secrets are only said to be set or not.
    pub fn show(&self) -> String {
        let mut config = self.clone();
        let mut out = String::new();
        for section in SECTIONS {
            if !section.path.is_empty() {
                out.push_str(&format!("\n[{}]\n", section.path));
            }
            for row in section.rows {
                let origin = self.origins.get(&join(section.path, row.name));
                out.push_str(&line(row, &origin, &mut config));
            }
        }
        let origin = self.origins.get("admin_password");
        out.push('\n');
        out.push_str(&secret_line("admin_password", self.admin_password.is_some(), &origin));
        out
    }
}

/// A field as TOML; `None` if it is unset or must not be shown.
pub(super) fn render<T>(field: &Field<T>, from: &mut T) -> Option<String> {
    Some(match field {
        Field::Version => "1".to_owned(),
        Field::Number { at, .. } => at(from).to_string(),
        Field::Order(at) => at(from).to_string(),
        Field::Flag(at) => at(from).to_string(),
        Field::Text { at, .. } => text(at(from)),
        Field::Path(at) => text(&at(from).to_string_lossy()),
        Field::Folder(at) => text(&at(from).as_ref()?.to_string_lossy()),
        Field::SecretFile { .. } | Field::Socket(_) => return None,
        Field::File { at, .. } => text(&at(from).as_ref()?.to_string_lossy()),
        Field::Words { at, .. } => array(at(from).iter().map(|word| text(word))),
        Field::Names(at) => array(at(from).as_ref()?.iter().map(|name| text(name))),
        Field::Addresses(at) => match &at(from)[..] {
            [address] => text(&address.to_string()),
            addresses => array(addresses.iter().map(|address| text(&address.to_string()))),
        },
        Field::List(list) => array(list.show(from).into_iter().map(|(item, _)| item)),
    })
}

fn line(row: &Row<Config>, origin: &Origin, config: &mut Config) -> String {
    match &row.field {
        Field::Version => "version = 1\n".to_owned(),
        Field::SecretFile { at, .. } => secret_line(row.name, at(config).is_some(), origin),
        Field::File { at, .. } if at(config).is_none() => format!("# {}: not set\n", row.name),
        Field::Socket(_) => {
            let path = config.socket().unwrap_or_default();
            format!("{} = {} # {}\n", row.name, text(&path.to_string_lossy()), comment(origin))
        }
        Field::Folder(_) => {
            let path = config.backup_folder();
            format!("{} = {} # {}\n", row.name, text(&path.to_string_lossy()), comment(origin))
        }
        Field::List(list) => {
            let items = list.show(config);
            if items.is_empty() {
                return format!("{} = [] # {}\n", row.name, comment(&Origin::Default));
            }
            let lines: String = items
                .into_iter()
                .map(|(item, place)| format!("  {item}, # {}\n", comment(&Origin::File(place))))
                .collect();
            format!("{} = [\n{lines}]\n", row.name)
        }
        field => match render(field, config) {
            Some(value) => format!("{} = {value} # {}\n", row.name, comment(origin)),
            None => String::new(),
        },
    }
}

fn secret_line(name: &str, is_set: bool, origin: &Origin) -> String {
    if is_set { format!("# {name}: set, not shown # {}\n", comment(origin)) } else { format!("# {name}: not set\n") }
}

/// A file name may hold a line break, which would end the comment.
fn comment(origin: &Origin) -> String {
    origin.to_string().replace(char::is_control, "?")
}

fn text(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}
