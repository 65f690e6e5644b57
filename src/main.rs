//! Arguments → configuration → start → wait for a signal → stop; exit codes.

use std::process::ExitCode;

fn main() -> ExitCode {
    orgbox::cli::run()
}
