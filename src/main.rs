//! Entry point: everything is in [`lingersim::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    lingersim::cli::main(std::env::args_os())
}
