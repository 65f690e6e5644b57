//! What the files say of organizations: tables of settings, each for the organizations that its selector names.
//!
//! The types of the document and the one table of fields that a file can manage. Knows neither TOML nor how anything is
//! stored.

mod resolve;
mod values;

use std::fmt;

use super::{
    BrandingId, Field, OrgId, Patch,
    error::Problems,
    organization::OrganizationPatch,
    text::{NAME_MAX_CHARS, is_name},
};

pub use resolve::{Rules, Winners};
pub use values::{default_value, follows_general, index, keep, mentioned, value};

/// Most settings in all files together [ours]: ten thousand tables with every field twice over.
pub const SETTINGS_MAX: usize = 400_000;

/// What follows an organization's name in a selector of everything below it.
pub const SUBTREE_SUFFIX: &str = "/**";

/// All override tables of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 over the files; names the document in the audit trail.
    pub digest: [u8; 32],
    /// In file order, and in a file by line: of equally particular tables the later wins.
    pub tables: Vec<Table>,
    /// Whether the document may manage less than half of what the one before it did.
    pub allow_shrink: bool,
}

/// Where something stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Relative to the configuration's folder: `config.toml`, `config.d/10-site.toml`.
    pub file: String,
    /// From 1.
    pub line: u32,
}

/// Which organizations a table is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selector {
    /// `*`: every one.
    All,
    /// `north/**`: the one of this name and everything below it.
    Subtree(String),
    /// `north`: the one of this name.
    Name(String),
}

/// One table `[organizations."…"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Which organizations it is for.
    pub selector: Selector,
    /// Where its head stands.
    pub place: Place,
    /// By line; each field at most once.
    pub settings: Vec<Setting>,
    /// Whether the organization is made where it is missing; only with [`Selector::Name`].
    pub create: bool,
    /// Names of the organizations that a created one hangs below; empty is the default organization.
    pub parents: Vec<String>,
    /// When it ends, in milliseconds since 1970; `None`: when it is taken out.
    pub expires_at_ms: Option<i64>,
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// One of [`FIELDS`].
    pub field: Field,
    /// Of the field's kind and within its bounds; see [`check`].
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// The value of an overridable field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

/// What kind of value a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// [`Value::Text`]
    Text,
    /// [`Value::Number`]
    Number,
    /// [`Value::Flag`]
    Flag,
}

/// An organization whose effective state has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The organization.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// The fields that changed, with the values in force before and after.
    pub fields: Vec<(Field, [Option<Value>; 2])>,
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nothing is stored.
    Default,
    /// Stored by an API.
    Stored,
    /// A file says so.
    File {
        /// Where.
        place: Place,
        /// What comes back when the file lets go; `None` is nothing, or the default.
        stored: Option<Value>,
    },
    /// No file says so any more, but a legal hold forbids to keep footage shorter.
    Held {
        /// What comes back with the next application after the hold.
        stored: Option<Value>,
    },
}

/// The fields that a file can manage, with the kind of their values. Their keys in the file are their core names.
pub const FIELDS: [(Field, ValueKind); 16] = [
    (Field::Title, ValueKind::Text),
    (Field::Description, ValueKind::Text),
    (Field::ImageUrl, ValueKind::Text),
    (Field::Status, ValueKind::Number),
    (Field::Branding, ValueKind::Number),
    (Field::CameraLimit, ValueKind::Number),
    (Field::UserLimit, ValueKind::Number),
    (Field::DvrLimit, ValueKind::Number),
    (Field::PurgeDays, ValueKind::Number),
    (Field::PurgeDaysFront, ValueKind::Number),
    (Field::PurgeDaysRear, ValueKind::Number),
    (Field::PurgeDaysAuxiliary, ValueKind::Number),
    (Field::DeviceRetention, ValueKind::Number),
    (Field::LiveVideoTimeout, ValueKind::Number),
    (Field::ProfileEnabled, ValueKind::Flag),
    (Field::ExclusivePartnerOnly, ValueKind::Flag),
];

/// The overridable field of this key, and the kind of its values.
pub fn field(key: &str) -> Option<(Field, ValueKind)> {
    FIELDS.into_iter().find(|(field, _)| field.core_name() == key)
}

/// Checks a value's kind and bounds. The error is a phrase that follows the field's name: `must be …`. Whether a branding
/// exists shows only when the document is applied.
pub fn check(field: Field, value: &Value) -> Result<(), String> {
    let mut patch = OrganizationPatch::default();
    if !set(&mut patch, field, value) {
        return Err(match FIELDS.into_iter().find(|(known, _)| *known == field) {
            Some((_, ValueKind::Text)) => "must be a text",
            Some((_, ValueKind::Number)) => "must be a whole number",
            Some((_, ValueKind::Flag)) => "must be true or false",
            None => "cannot be managed by a file",
        }
        .to_owned());
    }
    let mut problems = Problems::default();
    patch.validate(&mut problems);
    match problems.check() {
        Ok(()) => Ok(()),
        Err(error) => Err(error.problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")),
    }
}

/// Puts a value into a patch. False where the field takes no such value.
pub fn set(patch: &mut OrganizationPatch, field: Field, value: &Value) -> bool {
    let (limits, retention) = (&mut patch.limits, &mut patch.retention);
    match (field, value) {
        (Field::Title, Value::Text(text)) => patch.title = Some(text.clone()),
        (Field::Description, Value::Text(text)) => patch.description = Patch::Set(text.clone()),
        (Field::ImageUrl, Value::Text(text)) => patch.image_url = Patch::Set(text.clone()),
        (Field::Status, Value::Number(number)) => patch.status = Some(*number),
        (Field::Branding, Value::Number(number)) => patch.branding_id = Patch::Set(BrandingId(*number)),
        (Field::CameraLimit, Value::Number(number)) => limits.camera_limit = Patch::Set(*number),
        (Field::UserLimit, Value::Number(number)) => limits.user_limit = Patch::Set(*number),
        (Field::DvrLimit, Value::Number(number)) => limits.dvr_limit_gb = Patch::Set(*number),
        (Field::PurgeDays, Value::Number(number)) => retention.purge_days = Patch::Set(*number),
        (Field::PurgeDaysFront, Value::Number(number)) => retention.purge_days_front = Patch::Set(*number),
        (Field::PurgeDaysRear, Value::Number(number)) => retention.purge_days_rear = Patch::Set(*number),
        (Field::PurgeDaysAuxiliary, Value::Number(number)) => retention.purge_days_auxiliary = Patch::Set(*number),
        (Field::DeviceRetention, Value::Number(number)) => retention.device_retention_minutes = Patch::Set(*number),
        (Field::LiveVideoTimeout, Value::Number(number)) => retention.live_video_timeout_seconds = Patch::Set(*number),
        (Field::ProfileEnabled, Value::Flag(flag)) => patch.organization_profile_enabled = Patch::Set(*flag),
        (Field::ExclusivePartnerOnly, Value::Flag(flag)) => patch.exclusive_partner_only = Some(*flag),
        _ => return false,
    }
    true
}

/// Gives the field back its default in a patch. False where it has none.
pub fn clear(patch: &mut OrganizationPatch, field: Field) -> bool {
    let (limits, retention) = (&mut patch.limits, &mut patch.retention);
    match field {
        Field::Description => patch.description = Patch::Clear,
        Field::ImageUrl => patch.image_url = Patch::Clear,
        Field::Branding => patch.branding_id = Patch::Clear,
        Field::CameraLimit => limits.camera_limit = Patch::Clear,
        Field::UserLimit => limits.user_limit = Patch::Clear,
        Field::DvrLimit => limits.dvr_limit_gb = Patch::Clear,
        Field::PurgeDays => retention.purge_days = Patch::Clear,
        Field::PurgeDaysFront => retention.purge_days_front = Patch::Clear,
        Field::PurgeDaysRear => retention.purge_days_rear = Patch::Clear,
        Field::PurgeDaysAuxiliary => retention.purge_days_auxiliary = Patch::Clear,
        Field::DeviceRetention => retention.device_retention_minutes = Patch::Clear,
        Field::LiveVideoTimeout => retention.live_video_timeout_seconds = Patch::Clear,
        Field::ProfileEnabled => patch.organization_profile_enabled = Patch::Clear,
        _ => return false,
    }
    true
}

impl Document {
    /// How much it manages: its settings, and the organizations that it makes.
    pub fn entries(&self) -> usize {
        self.tables.iter().map(Table::entries).sum()
    }
}

impl Table {
    /// How much it manages: its settings, and the organization that it makes.
    pub fn entries(&self) -> usize {
        self.settings.len() + usize::from(self.create)
    }
}

impl Selector {
    /// Reads `*`, `north/**` or `north`. The error is a sentence that says what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Selector::All);
        }
        let (name, below) = match text.strip_suffix(SUBTREE_SUFFIX) {
            Some(name) => (name, true),
            None => (text, false),
        };
        if !is_name(name) {
            return Err(format!(
                "must be `*`, the name of an organization (1 to {NAME_MAX_CHARS} characters without a slash, a control \
                 character or spaces at its ends), or such a name followed by `{SUBTREE_SUFFIX}`"
            ));
        }
        let name = name.to_owned();
        Ok(if below { Selector::Subtree(name) } else { Selector::Name(name) })
    }

    /// The organization that it names.
    pub fn name(&self) -> Option<&str> {
        match self {
            Selector::All => None,
            Selector::Subtree(name) | Selector::Name(name) => Some(name),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::All => formatter.write_str("*"),
            Selector::Subtree(name) => write!(formatter, "{name}{SUBTREE_SUFFIX}"),
            Selector::Name(name) => formatter.write_str(name),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => formatter.write_str(text),
            Value::Number(number) => write!(formatter, "{number}"),
            Value::Flag(flag) => write!(formatter, "{flag}"),
        }
    }
}
