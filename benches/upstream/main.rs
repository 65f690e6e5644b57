//! Pushing upstream, measured against bare bounds taken in the same run: `cargo bench --bench upstream`.
//!
//! What the sender delivers, from the recorded event to its acknowledgement, is held against the same client posting the same
//! bytes to a receiver of the same kind that is as empty. Receivers are the collector, which keeps every event on its disk,
//! and a server that reads and answers at once: the one is what there is, the other shows the sender's own cost. What an
//! event costs where it is recorded is held against the whole write. Rounds alternate; what is shown is the median.
//!
//! `cargo bench --bench upstream -- --quick` takes a tenth of the events and one round.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on panics")]

mod delivery;
mod receiver;
mod recording;
mod rig;

use receiver::Kind;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Rounds of each side; the median of these is shown.
    pub rounds: usize,
    /// Divides the number of events.
    pub part: usize,
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let plan = if quick { Plan { rounds: 1, part: 10 } } else { Plan { rounds: 3, part: 1 } };
    println!("{:<52} {:>10} {:>10} {:>7}", "delivered, events a second", "sender", "bare", "ratio");
    for kind in [Kind::Collector, Kind::Plain] {
        delivery::backlog(plan, kind, 20_000);
    }
    delivery::backlog(Plan { rounds: 1, ..plan }, Kind::Collector, 100_000);
    delivery::beside_writes(plan);
    delivery::one_by_one(plan);
    recording::run(plan);
}

/// The middle one.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
