//! What an operator should know of though the box does all of its work. It must not know how any of it is found out.

/// A named state that does not keep the box from working, but may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// The clock shows a time before this program was made.
    Clock,
    /// What waits to be written back to the database file grows and grows.
    WalGrows,
    /// There is no room on the disk for the ballast.
    NoBallast,
    /// Fewer files may be open than the connections that are wanted would take.
    FewDescriptors,
}

impl Remark {
    /// Every remark there is.
    pub const ALL: [Remark; 4] = [Remark::Clock, Remark::WalGrows, Remark::NoBallast, Remark::FewDescriptors];

    /// The stable name that status and log show.
    pub fn name(self) -> &'static str {
        match self {
            Remark::Clock => "clock",
            Remark::WalGrows => "wal_grows",
            Remark::NoBallast => "no_ballast",
            Remark::FewDescriptors => "few_descriptors",
        }
    }

    /// What is the matter, as a phrase.
    pub fn words(self) -> &'static str {
        match self {
            Remark::Clock => "the clock shows a time before this program was made",
            Remark::WalGrows => "what waits to be written back to the database grows and grows",
            Remark::NoBallast => "there is no room on the disk for the ballast",
            Remark::FewDescriptors => "fewer files may be open than the connections that are wanted would take",
        }
    }

    /// What an operator does about it, one sentence.
    pub fn remedy(self) -> &'static str {
        match self {
            Remark::Clock => {
                "Set the clock, or let it be set over the network; until then the box goes on from the newest moment \
                 that it remembers."
            }
            Remark::WalGrows => {
                "End the program that keeps reading the database file (a backup, a replicator, a shell), or changes will \
                 be refused in the end."
            }
            Remark::NoBallast => {
                "Free space on the disk that holds the database: once it is full, nothing is left to give up."
            }
            Remark::FewDescriptors => {
                "Raise LimitNOFILE= of the unit (ulimit -n), or lower [limits] max_connections to what there is."
            }
        }
    }
}
