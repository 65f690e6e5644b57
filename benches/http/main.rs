//! The box measured against bare bounds taken in the same run: `cargo bench`.
//!
//! Reads are held against actix-web answering the same bytes from memory, writes against the bare group commit of the same
//! rows and against one commit per row. Rounds alternate between the box and its bound; what is shown is the median. CPU
//! is that of the server's threads alone, so that it does not matter that the load generator runs on the same cores.
//!
//! `cargo bench -- --quick` takes a tenth of the requests; `cargo bench -- read` runs the lines whose name holds `read`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on panics")]

mod bare;
mod cpu;
mod load;
mod overrides;
mod rig;
mod writes;

use load::Load;
use rig::Rig;

/// Rounds of each side; the median of these is shown.
const ROUNDS: usize = 5;

/// What the command line asks for.
pub struct Plan {
    quick: bool,
    only: Option<String>,
}

impl Plan {
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }

    fn requests(&self, full: usize) -> usize {
        if self.quick { full / 10 } else { full }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let plan = Plan {
        quick: arguments.iter().any(|argument| argument == "--quick"),
        only: arguments.into_iter().find(|argument| !argument.starts_with('-')),
    };
    println!(
        "{:<44} {:>9} {:>9} {:>8} {:>8} {:>7}",
        "reads, 64 connections", "box req/s", "bare", "box µs", "bare µs", "ratio"
    );
    let mut costs = Vec::new();
    for organizations in [100, 10_000, 100_000] {
        let rig = Rig::start(organizations);
        for (name, path, credential) in rig.reads() {
            let line = format!("{organizations:>6} {name}");
            if plan.wants(&line) {
                costs.push((organizations, name, read(&rig, &plan, &line, &path, &credential)));
            }
        }
        println!("       start to ready {:.0} ms, memory {:.0} MiB", rig.restart_ms(), cpu::resident_mib());
        if organizations == 10_000 {
            writes::run(&rig, &plan);
        }
        if organizations == 100_000 {
            overrides::run(&rig, &plan);
        }
        drop(rig);
    }
    for (organizations, name, cost) in &costs {
        if let Some((_, _, least)) = costs.iter().find(|(fewest, other, _)| *fewest == 100 && other == name)
            && *organizations == 100_000
        {
            println!("{name}: at 100000 organizations {:.2} × the CPU of at 100", cost / least);
        }
    }
}

/// Measures one read against its bound. Returns the server's CPU per request, in microseconds.
fn read(rig: &Rig, plan: &Plan, line: &str, path: &dyn Fn(usize) -> String, credential: &str) -> f64 {
    let answer = rig.answer(&path(0), credential);
    let total = plan.requests(if answer.len() > 4000 { 4_000 } else { 40_000 });
    let bound = bare::Server::start(answer);
    let request = |index: usize| format!("GET {} HTTP/1.1\r\nhost: box\r\n{credential}\r\n\r\n", path(index));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let box_load = load::run(rig.address(), 64, total, &request);
        let bare_load = load::run(bound.address(), 64, total, &request);
        // The first round warms caches up.
        if round > 0 {
            ours.push(box_load);
            theirs.push(bare_load);
        }
    }
    let (ours, theirs) = (Load::median(ours), Load::median(theirs));
    println!(
        "{line:<44} {:>9.0} {:>9.0} {:>8.1} {:>8.1} {:>7.2}",
        ours.per_second,
        theirs.per_second,
        ours.cpu_us,
        theirs.cpu_us,
        theirs.cpu_us / ours.cpu_us
    );
    ours.cpu_us
}
