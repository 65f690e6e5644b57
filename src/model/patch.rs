//! Tri-state patches: leave a value, clear it, or set it.

/// What a partial update says about one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not mentioned: stays as it is.
    #[default]
    Keep,
    /// Mentioned as nothing (`null`): goes back to unset or to the default.
    Clear,
    /// A new value.
    Set(T),
}

impl<T> Patch<T> {
    /// True where the field is not mentioned.
    pub fn is_keep(&self) -> bool {
        matches!(self, Patch::Keep)
    }

    /// Maps the value that is set.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => Patch::Set(convert(value)),
        }
    }

    /// The value that is set, if one is.
    pub fn set(&self) -> Option<&T> {
        match self {
            Patch::Set(value) => Some(value),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// The value that is set, taken out.
    pub fn into_set(self) -> Option<T> {
        match self {
            Patch::Set(value) => Some(value),
            Patch::Keep | Patch::Clear => None,
        }
    }

    /// Applies the patch to an optional value.
    pub fn apply(self, target: &mut Option<T>) {
        match self {
            Patch::Keep => {}
            Patch::Clear => *target = None,
            Patch::Set(value) => *target = Some(value),
        }
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// Absent is [`Patch::Keep`].
    fn from(value: Option<T>) -> Self {
        value.map_or(Patch::Keep, Patch::Set)
    }
}
