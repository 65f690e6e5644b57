//! The box itself.

use crate::{model::Result, store::Read};

pub use crate::store::site::Site;

/// How billing knows this box; `None` before the first start.
pub fn identity(read: &Read<'_>) -> Result<Option<Site>> {
    crate::store::site::get(read)
}
