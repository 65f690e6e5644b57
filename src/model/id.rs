//! One newtype per identifier, so that a user's id is never taken for an organization's.

use std::fmt;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl $name {
            /// Reads a decimal id as it stands in a path or a form: `1` to `4294967295`, no sign, no leading zero.
            pub fn parse(text: &str) -> Option<Self> {
                if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                text.parse::<u32>().ok().map(|number| Self(i64::from(number)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

identifier!(
    /// An organization. Assigned by the box, never reused.
    OrgId
);
identifier!(
    /// A user. Assigned by the box, never reused.
    UserId
);
identifier!(
    /// A camera. Assigned by the box, never reused.
    CameraId
);
identifier!(
    /// A branding option. Chosen by whoever configures it.
    BrandingId
);
identifier!(
    /// An installation group. Chosen by whoever configures it.
    IgrpId
);
identifier!(
    /// The row of an API key; not the public half that its bearer sends.
    KeyId
);

impl OrgId {
    /// The default organization: what has no parent of its own hangs below it, as long as it exists.
    pub const DEFAULT: OrgId = OrgId(1);
}
