//! The change feed: events in order, for whoever keeps up with the box. It reads what is recorded and needs no upstream.
//!
//! Only administrators see it, for it is the whole of it: events of users and of every organization. A feed of what somebody
//! else reaches would be another one, and there is none yet: they are refused.
//!
//! Numbers that are left out between two events have been replaced by the later ones, each of which tells a whole state. Where
//! something is gone and nothing tells it, [`site::pruned_seq`] lies behind it, and whoever has not read that far begins anew.

use uuid::Uuid;

use super::load;
use crate::{
    model::{
        Error, Result,
        actor::{Action, Actor},
        event::{Event, Position},
    },
    store::{Read, outbox, site},
};

/// Most events in one page.
pub const EVENTS_MAX: usize = 500;
/// Bytes of data from which on a page ends early.
pub const BYTES_MAX: usize = 256 * 1024;

/// Where to read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// At the oldest event that is kept.
    Oldest,
    /// Behind the newest.
    Now,
    /// Behind this one.
    After(Position),
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feed {
    /// Events, maybe none, and where to read on.
    Page {
        /// Names the box.
        site: Uuid,
        /// Where the page begins: the first event stands for every number from here on.
        after: Position,
        /// In order.
        events: Vec<Event>,
        /// Behind the last of them.
        next: Position,
    },
    /// What lies behind the position asked for is not known or not kept any more: whoever keeps up must read the full
    /// state again, and read on at `now`, which was the newest event before it did.
    Gone {
        /// Why, as a sentence.
        why: &'static str,
        /// Where to read on.
        now: Position,
    },
}

/// Reads on: at most `limit` events, and no more than [`EVENTS_MAX`].
pub fn read(read: &Read<'_>, actor: &Actor, from: From, limit: usize) -> Result<Feed> {
    let _grant = load::administer(actor, Action::Administer)?;
    let site = site::get(read)?.ok_or_else(Error::internal)?;
    let now = Position { epoch: site.epoch_uuid, seq: site.last_seq };
    let pruned = site::pruned_seq(read)?;
    let position = match from {
        From::Oldest => {
            let before_oldest = outbox::oldest(read, now.epoch)?.map_or(now.seq, |seq| seq - 1);
            Position { seq: before_oldest.max(pruned), ..now }
        }
        From::Now => now,
        From::After(position) if position.epoch != now.epoch => {
            return Ok(Feed::Gone {
                why: "this position is of another epoch: the database was restored or set up anew",
                now,
            });
        }
        From::After(position) if position.seq > now.seq => {
            return Ok(Feed::Gone {
                why: "this position is ahead of the newest event: the database went back in time",
                now,
            });
        }
        From::After(position) if position.seq < pruned => {
            return Ok(Feed::Gone { why: "the events behind this position are not kept any more", now });
        }
        From::After(position) => position,
    };
    let events = outbox::after(read, position, limit.min(EVENTS_MAX), BYTES_MAX)?;
    let next = events.last().map_or(position, |event| event.position);
    Ok(Feed::Page { site: site.site_uuid, after: position, events, next })
}
