//! Membership of a user in an organization.

use super::{OrgId, UserId};

/// What a member may do in its organization, and in all below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights {
    /// May see statistics.
    pub can_view_stats: bool,
    /// May add, change and remove members.
    pub can_edit_users: bool,
    /// May register, change and remove cameras and the settings that concern them.
    pub can_edit_cameras: bool,
}

impl Rights {
    /// All three.
    pub const ALL: Rights = Rights { can_view_stats: true, can_edit_users: true, can_edit_cameras: true };

    /// The rights that either side has.
    pub fn or(self, other: Rights) -> Rights {
        Rights {
            can_view_stats: self.can_view_stats || other.can_view_stats,
            can_edit_users: self.can_edit_users || other.can_edit_users,
            can_edit_cameras: self.can_edit_cameras || other.can_edit_cameras,
        }
    }
}

/// One member of one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The organization.
    pub organization_id: OrgId,
    /// The user.
    pub user_id: UserId,
    /// The user's login, for what shows members by name.
    pub login: String,
    /// The user's full name; empty where none is known.
    pub name: String,
    /// What the member may do.
    pub rights: Rights,
}

/// A change of a member's rights; `None` keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of Rights")]
pub struct RightsPatch {
    pub can_view_stats: Option<bool>,
    pub can_edit_users: Option<bool>,
    pub can_edit_cameras: Option<bool>,
}

impl RightsPatch {
    /// The rights after this change.
    pub fn apply(self, rights: Rights) -> Rights {
        Rights {
            can_view_stats: self.can_view_stats.unwrap_or(rights.can_view_stats),
            can_edit_users: self.can_edit_users.unwrap_or(rights.can_edit_users),
            can_edit_cameras: self.can_edit_cameras.unwrap_or(rights.can_edit_cameras),
        }
    }
}
