//! `run --perfetto FILE` and `run --plots DIR`: what is made of a run that is written down.

use std::fs;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use super::progress::Progress;
use super::{out_dir, output};
use crate::recording::{Limits, Recording, record};
use crate::report::{grouped, perfetto, plots};
use crate::scenario::Scenario;
use crate::scenario::load::Loaded;
use crate::values::quantity::Measure;
use crate::values::time::{Span, Time};

/// What else `lingersim run` makes of a run.
#[derive(clap::Args)]
pub struct ExportArgs {
    /// Also write a trace of the run that ui.perfetto.dev opens; docs/perfetto.md
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bench", "watch"])]
    perfetto: Option<PathBuf>,

    /// Keep detail in the trace only from this virtual time on, 1.5s
    #[arg(long, value_name = "TIME", requires = "perfetto", value_parser = time)]
    perfetto_from: Option<Time>,

    /// Keep detail in the trace only before this virtual time
    #[arg(long, value_name = "TIME", requires = "perfetto", value_parser = time)]
    perfetto_until: Option<Time>,

    /// Also draw the run into this folder: latency, load, reasons, replicas over time, as SVG; docs/plots.md
    #[arg(long, value_name = "DIR", conflicts_with_all = ["bench", "watch"])]
    plots: Option<PathBuf>,
}

fn time(text: &str) -> Result<Time, String> {
    Span::parse(text).map(|span| Time::START + span).map_err(|error| error.to_string())
}

impl ExportArgs {
    /// Exports are of one run.
    ///
    /// # Errors
    /// [`Failure::Input`] if there are several.
    pub fn check(&self, runs: u32) -> Result<(), Failure> {
        let option = match (&self.perfetto, &self.plots) {
            _ if runs == 1 => return Ok(()),
            (Some(_), _) => "--perfetto",
            (None, Some(_)) => "--plots",
            (None, None) => return Ok(()),
        };
        Err(Failure::Input(format!(
            "error: {option} shows one run, and --runs says {runs}\n = help: leave --runs out; --seed N chooses the run"
        )))
    }

    /// Runs the scenario again, writes it down, and makes what was asked for.
    ///
    /// # Errors
    /// See [`record`]; [`Failure::Environment`] if a file cannot be written.
    pub fn write(&self, loaded: &Loaded, quiet: bool) -> Result<(), Failure> {
        let Some(limits) = self.limits() else { return Ok(()) };
        let mut progress = Progress::new(loaded.scenario.end, quiet);
        let recording = record(&loaded.scenario, limits, &mut |now, records| {
            progress.tick(now, records);
            true
        });
        progress.finish();
        let recording = recording?;
        if let Some(path) = &self.perfetto {
            write_trace(path, &perfetto::trace(&loaded.scenario, &recording), &recording, quiet)?;
        }
        if let Some(folder) = &self.plots {
            write_plots(folder, &loaded.scenario, &recording)?;
        }
        Ok(())
    }

    /// What has to be kept.
    fn limits(&self) -> Option<Limits> {
        match (&self.perfetto, &self.plots) {
            (Some(_), _) => Some(Limits {
                events: perfetto::MOST_HAPPENINGS,
                from: self.perfetto_from.unwrap_or(Time::START),
                until: self.perfetto_until.unwrap_or(Time::NEVER),
            }),
            // Sums are of the whole run in any case.
            (None, Some(_)) => Some(Limits { events: 0, from: Time::NEVER, until: Time::NEVER }),
            (None, None) => None,
        }
    }
}

fn write_trace(path: &Path, trace: &str, recording: &Recording, quiet: bool) -> Result<(), Failure> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| {
            Failure::Environment(format!("cannot make the folder {}: {error}", folder.display()))
        })?;
    }
    out_dir::write_file(path, trace)?;
    if !quiet && !recording.is_whole() {
        let kept = grouped(recording.events().count() as u64);
        let all = grouped(recording.happenings);
        output::tell(&format!(
            "{}: {kept} of {all} happenings; --perfetto-from and\n--perfetto-until choose a part of the run",
            path.display()
        ));
    }
    Ok(())
}

fn write_plots(folder: &Path, scenario: &Scenario, recording: &Recording) -> Result<(), Failure> {
    let pictures = plots::pictures(scenario, recording).map_err(Failure::Environment)?;
    let index = plots::index(scenario, recording, &pictures);
    let mut files: Vec<(&str, String)> = pictures.into_iter().map(|one| (one.file, one.svg)).collect();
    files.push((plots::INDEX, index));
    out_dir::write(folder, &files)
}
