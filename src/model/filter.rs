//! Conditions and sort keys over the fields of organizations and brandings, and what each operand means.
//!
//! The meaning lives here once: the store runs [`Condition::holds`] inside its query, and short lists run it directly.

use super::{BrandingId, branding::Branding, text::fold};

/// A field that lists can be filtered and sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of that name in the model")]
pub enum FilterField {
    OrganizationId,
    Title,
    Status,
    BrandingId,
    BrandingName,
    LogoFilename,
    LandingDomain,
    PrimaryColor,
}

impl FilterField {
    /// Every field; its place here stands for it where a number must.
    pub const ALL: [FilterField; 8] = [
        FilterField::OrganizationId,
        FilterField::Title,
        FilterField::Status,
        FilterField::BrandingId,
        FilterField::BrandingName,
        FilterField::LogoFilename,
        FilterField::LandingDomain,
        FilterField::PrimaryColor,
    ];

    /// Integers compare and sort as numbers, the others as text.
    pub fn is_number(self) -> bool {
        matches!(self, FilterField::OrganizationId | FilterField::Status | FilterField::BrandingId)
    }
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// What is compared.
    pub field: FilterField,
    /// Greatest first.
    pub descending: bool,
}

/// How a value is compared with what the client gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The same.
    Equal,
    /// Strictly less.
    Less,
    /// Less or the same.
    LessOrEqual,
    /// Holds the text.
    Contains,
    /// Starts with the text.
    Begins,
    /// Is one of a comma-separated list.
    Within,
    /// Is not empty, compared with a truth value.
    Present,
}

/// An operand: a test, perhaps without regard to case, perhaps negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operand {
    /// As requests spell it.
    pub name: &'static str,
    /// What is tested.
    pub test: Test,
    /// Whether case is disregarded.
    pub fold: bool,
    /// Whether the outcome is turned round.
    pub negate: bool,
}

impl Operand {
    /// The operands in the order in which messages list them.
    pub const NAMES: [&'static str; 21] = [
        "eq", "ne", "eqi", "nei", "lt", "gt", "le", "ge", "inc", "ninc", "inci", "ninci", "begins", "nbegins",
        "beginsi", "nbeginsi", "in", "nin", "ini", "nini", "bool",
    ];

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        let name = Self::NAMES.into_iter().find(|known| *known == name)?;
        let operand = |test, fold, negate| Some(Operand { name, test, fold, negate });
        match name {
            "eq" => operand(Test::Equal, false, false),
            "ne" => operand(Test::Equal, false, true),
            "eqi" => operand(Test::Equal, true, false),
            "nei" => operand(Test::Equal, true, true),
            "lt" => operand(Test::Less, false, false),
            "ge" => operand(Test::Less, false, true),
            "le" => operand(Test::LessOrEqual, false, false),
            "gt" => operand(Test::LessOrEqual, false, true),
            "inc" => operand(Test::Contains, false, false),
            "ninc" => operand(Test::Contains, false, true),
            "inci" => operand(Test::Contains, true, false),
            "ninci" => operand(Test::Contains, true, true),
            "begins" => operand(Test::Begins, false, false),
            "nbegins" => operand(Test::Begins, false, true),
            "beginsi" => operand(Test::Begins, true, false),
            "nbeginsi" => operand(Test::Begins, true, true),
            "in" => operand(Test::Within, false, false),
            "nin" => operand(Test::Within, false, true),
            "ini" => operand(Test::Within, true, false),
            "nini" => operand(Test::Within, true, true),
            "bool" => operand(Test::Present, false, false),
            _ => None,
        }
    }
}

/// One condition of a list, ready to be run against many values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is compared.
    pub field: FilterField,
    /// How.
    pub operand: Operand,
    comparison: String,
    number: Option<i64>,
}

impl Condition {
    /// A condition. Fails with a phrase where the field is a number and the comparison is none, or a truth value is none.
    pub fn new(field: FilterField, operand: Operand, comparison: &str) -> Result<Self, &'static str> {
        let comparison = if operand.fold { fold(comparison) } else { comparison.to_owned() };
        let mut number = None;
        match operand.test {
            Test::Present => match comparison.as_str() {
                "1" | "true" | "" => {}
                "0" | "false" => return Ok(Self { field, operand: negated(operand), comparison, number }),
                _ => return Err("a bool operand compares with 1, 0, true or false"),
            },
            Test::Equal | Test::Less | Test::LessOrEqual if field.is_number() => {
                number = Some(comparison.trim().parse().map_err(|_| "this field compares with a whole number")?);
            }
            Test::Within if field.is_number() => {
                let numbers: Result<Vec<i64>, _> = comparison.split(',').map(|item| item.trim().parse()).collect();
                let numbers =
                    numbers.map_err(|_| "this field compares with a comma-separated list of whole numbers")?;
                // Written as values are, so that 07 finds 7.
                let comparison = numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
                return Ok(Self { field, operand, comparison, number });
            }
            _ => {}
        }
        Ok(Self { field, operand, comparison, number })
    }

    /// What values are compared with; folded where case is disregarded.
    pub fn comparison(&self) -> &str {
        &self.comparison
    }

    /// True where the value meets the condition. A value that is not set compares as the empty text.
    pub fn holds(&self, value: Value<'_>) -> bool {
        self.test(value) != self.operand.negate
    }

    fn test(&self, value: Value<'_>) -> bool {
        if let (Some(wanted), Value::Number(number)) = (self.number, value) {
            return match self.operand.test {
                Test::Equal => number == wanted,
                Test::Less => number < wanted,
                _ => number <= wanted,
            };
        }
        let digits;
        let text = match value {
            Value::Number(number) => {
                digits = number.to_string();
                digits.as_str()
            }
            Value::Text(text) => text,
        };
        if self.operand.fold { self.test_text(&fold(text)) } else { self.test_text(text) }
    }

    fn test_text(&self, text: &str) -> bool {
        match self.operand.test {
            Test::Equal => text == self.comparison,
            Test::Less => text < self.comparison.as_str(),
            Test::LessOrEqual => text <= self.comparison.as_str(),
            Test::Contains => text.contains(&self.comparison),
            Test::Begins => text.starts_with(&self.comparison),
            Test::Within => self.comparison.split(',').any(|item| item == text || item.trim() == text),
            Test::Present => !text.is_empty(),
        }
    }
}

/// A value that a condition is run against.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// An integer field.
    Number(i64),
    /// A text field; empty where unset.
    Text(&'a str),
}

/// Filters, sorts and cuts a short list of brandings as the store does a list of organizations.
/// Conditions and keys over fields that brandings lack are the caller's to refuse.
pub fn select_brandings(
    mut brandings: Vec<Branding>,
    conditions: &[Condition],
    sort: &[SortKey],
    offset: u64,
    limit: Option<u64>,
) -> Vec<Branding> {
    brandings.retain(|branding| conditions.iter().all(|condition| condition.holds(value(branding, condition.field))));
    brandings.sort_by(|left, right| {
        sort.iter()
            .map(|key| {
                let order = match (value(left, key.field), value(right, key.field)) {
                    (Value::Number(left), Value::Number(right)) => left.cmp(&right),
                    (Value::Text(left), Value::Text(right)) => fold(left).cmp(&fold(right)),
                    _ => std::cmp::Ordering::Equal,
                };
                if key.descending { order.reverse() } else { order }
            })
            .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            .then(left.id.cmp(&right.id))
    });
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    brandings.into_iter().skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(limit).collect()
}

fn value(branding: &Branding, field: FilterField) -> Value<'_> {
    let BrandingId(id) = branding.id;
    match field {
        FilterField::BrandingId => Value::Number(id),
        FilterField::BrandingName => Value::Text(&branding.name),
        FilterField::LogoFilename => Value::Text(&branding.logo_filename),
        FilterField::LandingDomain => Value::Text(&branding.landing_domain),
        FilterField::PrimaryColor => Value::Text(&branding.primary_color),
        FilterField::OrganizationId | FilterField::Title | FilterField::Status => Value::Text(""),
    }
}

fn negated(operand: Operand) -> Operand {
    Operand { negate: !operand.negate, ..operand }
}
