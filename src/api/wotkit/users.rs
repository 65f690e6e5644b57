//! Users in WoTKit's terms; administrators only.

use crate::api::{call::Call, failure::Outcome};

/// x
pub async fn list(_call: Call) -> Outcome {
    Err(Call::no_such("user"))
}
pub use list as create;
pub use list as view;
pub use list as update;
pub use list as delete;
