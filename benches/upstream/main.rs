//! Pushing upstream, measured against bare bounds taken in the same run: `cargo bench --bench upstream`.
//!
//! What the sender delivers, from the recorded event to its acknowledgement, is held against the same client posting the same
//! bytes to a receiver of the same kind that is as empty. Receivers are the collector, which keeps every event on its disk,
//! and a server that reads and answers at once: the one is what there is, the other shows the sender's own cost. What an
//! event costs where it is recorded is held against the whole write. Rounds alternate; what is shown is the median.
//!
//! `cargo bench --bench upstream -- --quick` takes a tenth of the events and one round; `large`, `writes`, `recording` and so
//! on behind it take that part alone.

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
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let plan = if quick { Plan { rounds: 1, part: 10 } } else { Plan { rounds: 3, part: 1 } };
    let parts: [(&str, &dyn Fn()); 6] = [
        ("backlog", &|| delivery::backlog(plan, Kind::Collector, 20_000)),
        ("plain", &|| delivery::backlog(plan, Kind::Plain, 20_000)),
        ("large", &|| delivery::backlog(plan, Kind::Collector, 100_000)),
        ("writes", &|| delivery::beside_writes(plan)),
        ("single", &|| delivery::one_by_one(plan)),
        ("recording", &|| recording::run(plan)),
    ];
    println!("{:<52} {:>10} {:>10} {:>7}", "delivered, events a second", "sender", "bare", "ratio");
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    let any_asked = parts.iter().any(|(name, _)| asked(name));
    for (name, part) in parts {
        if asked(name) || !any_asked {
            part();
        }
    }
}

/// The middle one.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
