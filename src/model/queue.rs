//! The queue of events on their way upstream: where it stands, what is under way, what was set aside.

use uuid::Uuid;

use super::{CameraId, OrgId, UserId, event::Event};

/// Where sending stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The epoch that was opened upstream; `None` before the first.
    pub epoch: Option<Uuid>,
    /// Up to here every event is delivered, replaced by a later one, or parked.
    pub acked_seq: i64,
    /// Up to here the receiver has been told: the next batch covers every number behind it.
    pub delivered_seq: i64,
    /// The hash chain over the batches delivered in the epoch; empty before the first epoch.
    pub chain: Vec<u8>,
    /// How far the full state was told; `None` where it was told to its end.
    pub snapshot_at: Option<SnapshotAt>,
    /// Of the machine and the file on which the epoch was opened, and of the receiver.
    pub fingerprint: Option<String>,
    /// Why nothing is sent until an operator decides.
    pub quarantine: Option<String>,
    /// Why an operator has an epoch opened, which the next step does that may send.
    pub epoch_due: Option<String>,
    /// When a batch was last delivered, in milliseconds since 1970.
    pub last_success_ms: Option<i64>,
    /// Bytes of data of the events that are not delivered yet, roughly.
    pub queued_bytes: i64,
    /// The number last given to an event.
    pub last_seq: i64,
}

/// A place in the walk through the full state: the next thing to tell comes behind this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotAt {
    /// Organizations, by id.
    Organization(OrgId),
    /// Members, by organization and user.
    Member(OrgId, UserId),
    /// Cameras, by id.
    Camera(CameraId),
    /// Users, by id.
    User(UserId),
    /// Everything was told; that this was all is still to be said.
    End,
}

impl SnapshotAt {
    /// Before everything.
    pub const START: SnapshotAt = SnapshotAt::Organization(OrgId(0));

    /// The place of an event's subject; `None` for the box itself and what cannot be read.
    pub fn of_subject(subject: &str) -> Option<Self> {
        let (kind, place) = subject.split_once('/')?;
        Self::parse(&format!("{kind}:{place}"))
    }

    /// Reads what [`SnapshotAt`] displays as.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, place) = text.split_once(':')?;
        let number = |text: &str| text.parse::<i64>().ok();
        match kind {
            "organization" => number(place).map(OrgId).map(SnapshotAt::Organization),
            "member" => {
                let (organization, user) = place.split_once('-')?;
                Some(SnapshotAt::Member(OrgId(number(organization)?), UserId(number(user)?)))
            }
            "camera" => number(place).map(CameraId).map(SnapshotAt::Camera),
            "user" => number(place).map(UserId).map(SnapshotAt::User),
            "end" => Some(SnapshotAt::End),
            _ => None,
        }
    }
}

impl std::fmt::Display for SnapshotAt {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SnapshotAt::Organization(id) => write!(formatter, "organization:{id}"),
            SnapshotAt::Member(organization, user) => write!(formatter, "member:{organization}-{user}"),
            SnapshotAt::Camera(id) => write!(formatter, "camera:{id}"),
            SnapshotAt::User(id) => write!(formatter, "user:{id}"),
            SnapshotAt::End => formatter.write_str("end:"),
        }
    }
}

/// The batch under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Names it at the receiver.
    pub id: Uuid,
    /// The lowest number that its first event stands for.
    pub from_seq: i64,
    /// The events in it, ascending.
    pub seqs: Vec<i64>,
    /// SHA-256 of its body.
    pub body_hash: [u8; 32],
}

/// An event that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The event as it was.
    pub event: Event,
    /// What upstream said.
    pub reason: String,
    /// Later events of the same subject that are kept back with it.
    pub followers: i64,
    /// When, in milliseconds since 1970.
    pub parked_at_ms: i64,
}

/// One event of a delivered batch that the receiver did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The event's id.
    pub id: Uuid,
    /// The receiver's own code.
    pub code: String,
    /// Whether sending it again may help.
    pub retryable: bool,
}

/// How the queue stands, for whoever looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Names the box.
    pub site: Uuid,
    /// Where sending stands.
    pub progress: Progress,
    /// Events that wait; `None` where they were not counted.
    pub events: Option<i64>,
    /// Bytes of their data.
    pub bytes: i64,
    /// When the oldest of them was recorded, in milliseconds since 1970.
    pub oldest_ms: Option<i64>,
    /// Subjects of which events were set aside.
    pub parked: i64,
}

/// What an operator decided about sending, as the audit trail tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'a> {
    /// What was set aside is told again.
    Retry(&'a Parked),
    /// What was set aside is given up.
    Drop {
        /// What is given up.
        parked: &'a Parked,
        /// The newest event of the subject that goes with it.
        newest: &'a Event,
        /// Why.
        reason: &'a str,
    },
    /// The quarantine is over: what the database says is true.
    Resume {
        /// Why there was one.
        quarantine: &'a str,
    },
    /// The box has another name.
    NewSite {
        /// The name it had.
        from: Uuid,
        /// The name it has.
        to: Uuid,
    },
    /// Everything is told anew.
    Resync,
    /// The next try is made at once.
    Try,
    /// A batch goes out as a file.
    Export(&'a Frozen),
    /// The receipt of such a file was taken.
    Receipt {
        /// The batch.
        batch: &'a Frozen,
        /// The events of it that the receiver did not take.
        rejected: &'a [Rejected],
    },
}

/// What a receiver says of a batch that came as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The batch.
    pub batch: Uuid,
    /// The box that it is from.
    pub site: Uuid,
    /// The epoch of its events.
    pub epoch: Uuid,
    /// Up to here the receiver has everything of the epoch.
    pub acked_seq: i64,
    /// Events of the batch that it did not take.
    pub rejected: Vec<Rejected>,
    /// It asks for the full state.
    pub resync: bool,
}
