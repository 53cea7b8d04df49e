//! `lingersim init`: a scenario to begin with.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use super::exit::Failure;
use super::reproduction::quoted;
use super::start::{self, Known};
use super::{library, out_dir, output};
use crate::scenario::load::{self, Overrides};

/// `lingersim init`.
#[derive(clap::Args)]
#[command(after_help = INIT_EXAMPLES)]
pub struct InitArgs {
    /// The file to write, which must not exist yet; `-` prints it
    #[arg(value_name = "FILE", default_value = "scenario.toml")]
    file: PathBuf,

    /// Begin with the producer of this properties file
    #[arg(long, value_name = "FILE.properties", conflicts_with = "example")]
    from: Option<String>,

    /// Begin with this scenario of the library: `lingersim list` names them
    #[arg(long, value_name = "NAME")]
    example: Option<String>,

    /// Print the scenario, and write nothing
    #[arg(long)]
    stdout: bool,
}

const INIT_EXAMPLES: &str = "Examples:\n  \
    lingersim init\n  \
    lingersim init --from producer.properties orders.toml\n  \
    lingersim init --example lost-on-leader-move moves.toml";

/// Runs the command.
pub fn run(args: &InitArgs) -> Result<ExitCode, Failure> {
    let prints = args.stdout || args.file.as_os_str() == "-";
    let example = args.example.as_deref().map(library::find).transpose()?;
    let text = match (example, &args.from) {
        (Some(example), _) => example.text.to_owned(),
        (None, Some(properties)) => start::scenario(Some(&known(properties, &args.file)?)),
        (None, None) => start::scenario(None),
    };
    if prints {
        output::print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    out_dir::write_new_file(&args.file, &text)?;
    let file = quoted(&args.file.display().to_string());
    output::tell(&format!("wrote {file}"));
    for (name, text) in example.map_or(&[][..], |example| example.beside) {
        let beside = args.file.with_file_name(name);
        if let Some(folder) = beside.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)
                .map_err(|error| Failure::Environment(format!("{}: {error}", folder.display())))?;
        }
        out_dir::write_new_file(&beside, text)?;
        output::tell(&format!("wrote {}", quoted(&beside.display().to_string())));
    }
    output::tell(&format!("next: lingersim run {file}"));
    let is_lesson = example.is_some_and(|example| !example.beside.is_empty());
    // A cure is what to try on a symptom.
    output::tell(&match example.and_then(|example| example.cures().next()) {
        Some(cure) => format!("      lingersim run {file}{}", set(cure)),
        None if is_lesson => format!("      lingersim report {file} --html lesson.html"),
        None => format!("      lingersim compare {file} --vary linger.ms=0,5,20"),
    });
    Ok(ExitCode::SUCCESS)
}

/// A cure as flags of `run`.
fn set(cure: &str) -> String {
    cure.split_whitespace().map(|setting| format!(" --set {}", quoted(setting))).collect()
}

/// Checks a properties file as `run` does, and takes what it tells. `scenario` is the file that will name it.
fn known(properties: &str, scenario: &Path) -> Result<Known, Failure> {
    let flags = vec![("--from", "producer.properties-file", properties.to_owned())];
    let overrides = Overrides { flags, ..Overrides::default() };
    let loaded = load::from_arguments("command line", &overrides)
        .map_err(|error| Failure::Input(error.to_string()))?;
    loaded.notes.iter().for_each(|note| output::tell(&format!("note: {note}")));
    let [group] = &loaded.scenario.producers[..] else {
        return Err(Failure::Bug("a properties file has made several producers".to_owned()));
    };
    // What is given has a place in the file for its origin.
    let unsaid = format!("default of client {}", group.config.version);
    let servers_given = (loaded.settings.iter())
        .any(|setting| setting.name == "producer.bootstrap.servers" && setting.origin != unsaid);
    Ok(Known::of(path_from(scenario, properties)?, &group.config, servers_given))
}

/// The path of a file as a scenario has to say it, which begins at its own folder.
fn path_from(scenario: &Path, file: &str) -> Result<String, Failure> {
    let (folder, target) = (real_folder(scenario)?, real_folder(Path::new(file))?);
    let name = Path::new(file).file_name().unwrap_or_default();
    let path = relative(&folder, &target).join(name);
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let help = "a scenario is UTF-8: rename the folders between it and the properties file";
        Failure::Input(format!("error: {} is not UTF-8\n = help: {help}", path.display()))
    })
}

/// The folder of a file, free of links, so that `..` in it means what it says.
fn real_folder(file: &Path) -> Result<PathBuf, Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::canonicalize(folder).map_err(|error| Failure::Environment(format!("{}: {error}", folder.display())))
}

/// The way from one absolute folder to another.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(from, to)| from == to).count();
    if shared == 0 {
        // Different drives have no way between them.
        return to.to_owned();
    }
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_goes_up_to_what_is_shared_and_down_again() {
        for (from, to, way) in [
            ("/a/b", "/a/b", ""),
            ("/a/b", "/a", ".."),
            ("/a", "/a/b/c", "b/c"),
            ("/a/b/c", "/a/d", "../../d"),
            ("/", "/x", "x"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(way), "{from} to {to}");
        }
    }
}
