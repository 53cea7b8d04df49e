//! `lingersim man`: manual pages, one for each command, and those about files.

mod files;
mod page;

use std::path::Path;
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::Roff;

use super::args::Args;
use super::exit::Failure;
use super::{out_dir, output};

const SOURCE: &str = concat!("lingersim ", env!("CARGO_PKG_VERSION"));

/// Runs the command.
pub fn run(folder: Option<&Path>) -> Result<ExitCode, Failure> {
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    match folder {
        None => output::print(&page(&program)?.1)?,
        Some(folder) => {
            let mut pages = vec![files::scenarios(), files::producer_keys()];
            command_pages(&program, &mut pages)?;
            let files: Vec<(&str, String)> =
                pages.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
            out_dir::write(folder, &files)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The pages of a command and of those below it, each with the name of its file.
fn command_pages(command: &Command, pages: &mut Vec<(String, String)>) -> Result<(), Failure> {
    pages.push(page(command)?);
    command.get_subcommands().try_for_each(|below| command_pages(below, pages))
}

/// A page with the name of its file: `lingersim-run.1`.
fn page(command: &Command) -> Result<(String, String), Failure> {
    let man = Man::new(command.clone()).source(SOURCE).manual("User Commands");
    let mut text = Vec::new();
    man.render(&mut text).map_err(|error| Failure::Bug(format!("no manual page: {error}")))?;
    let mut see_also = Roff::new();
    page::add_see_also(&mut see_also, &[("lingersim-scenario", "5"), ("lingersim-producer", "5")]);
    Ok((man.get_filename(), String::from_utf8_lossy(&text).into_owned() + &see_also.to_roff()))
}
