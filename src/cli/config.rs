//! `lingersim config`: the keys of the producer's configuration.

use std::process::ExitCode;

use super::args::{ConfigArgs, ConfigCommand, KeyFormat};
use super::exit::Failure;
use super::output;
use crate::config::key::Key;
use crate::config::keys;
use crate::report::{key_manual, key_table};
use crate::values::excerpt::short;
use crate::values::nearest::{did_you_mean, nearest};

/// Runs the command.
pub fn run(args: &ConfigArgs) -> Result<ExitCode, Failure> {
    let text = match &args.command {
        ConfigCommand::Markdown => key_manual::markdown(),
        ConfigCommand::List(args) => match args.format {
            KeyFormat::Text => key_table::list(args.kafka),
            KeyFormat::Json => key_table::list_json(args.kafka),
        },
        ConfigCommand::Explain { key, args } => match args.format {
            KeyFormat::Text => key_table::explain(find(key)?, args.kafka),
            KeyFormat::Json => key_table::explain_json(find(key)?, args.kafka),
        },
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn find(name: &str) -> Result<&'static Key, Failure> {
    keys::key(name).ok_or_else(|| {
        let meant = did_you_mean(&nearest(name, keys::all().map(|key| key.name)));
        let help = meant.unwrap_or_else(|| "`lingersim config list` shows all keys".to_owned());
        Failure::Input(format!("error: there is no producer key `{}`\n = help: {help}", short(name)))
    })
}
