//! The pages about files: scenarios, and Kafka's keys.

use super::page::Page;
use crate::config::key::{Area, Key};
use crate::config::keys;
use crate::config::version::ClientVersion;
use crate::report::key_manual::{default_history, valid_history};
use crate::scenario::manual::{SECTIONS, Section, is_list};

/// `lingersim-scenario.5`: every section and key of scenarios.
pub fn scenarios() -> (String, String) {
    let mut page = Page::new("lingersim-scenario", "description of one run of lingersim");
    page.heading("DESCRIPTION");
    page.paragraph(
        "A scenario is a TOML file. Everything in it is optional. Kafka's own keys keep their names, units and \
         defaults, and may be written with or without quotes: `linger.ms = 10` is a number of milliseconds. All other \
         quantities are texts with a unit: `\"1.5ms\"`, `\"64KiB\"`, `\"2500/s\"`, `\"1Gbit/s\"`, `\"12.5%\"`, \
         `\"2ns/B\"`. Relative paths of files begin at the folder of the scenario.",
    );
    page.heading("KEYS");
    for section in SECTIONS {
        page.subheading(&title(section));
        page.paragraph(section.about);
        section.rows.iter().for_each(|row| page.key(row.key, &row.value(), &row.sentences()));
    }
    page.finish(&[("lingersim-run", "1"), ("lingersim-schema", "1"), ("lingersim-producer", "5")])
}

/// `[[fault]]`, or `[workload.keys] with dist = "zipf"`.
fn title(section: &Section) -> String {
    let header = match section.path {
        "" => "Top of the file".to_owned(),
        path if is_list(path) => format!("[[{path}]]"),
        path => format!("[{path}]"),
    };
    match section.dist {
        Some(dist) => format!("{header} with dist = \"{dist}\""),
        None => header,
    }
}

/// `lingersim-producer.5`: Kafka's keys of all versions.
pub fn producer_keys() -> (String, String) {
    let mut page = Page::new("lingersim-producer", "configuration of the producers of lingersim");
    page.heading("DESCRIPTION");
    let versions = ClientVersion::ALL.map(ClientVersion::name).join(", ");
    page.paragraph(&format!(
        "The keys of the Java client's producer in the versions {versions}, with the defaults of the newest. A \
         scenario has them below `[producer]`, bare or quoted, as a text `properties`, or in a file with \
         `properties-file`; the command line sets them with `--set linger.ms=5`. The command line wins, then keys of \
         the scenario, then the text, then the file."
    ));
    for area in Area::ALL {
        page.heading(&area.to_string().to_uppercase());
        keys::all().filter(|key| key.area == area).for_each(|key| add_key(&mut page, key));
    }
    page.finish(&[("lingersim-config", "1"), ("lingersim-run", "1"), ("lingersim-scenario", "5")])
}

fn add_key(page: &mut Page, key: &Key) {
    let values = match key.unit() {
        Some(unit) => format!("{}, {unit}", key.kind.name()),
        None => key.kind.name().to_owned(),
    };
    let mut about = format!("{} Default: {}.", key.doc, default_history(key));
    let valid = valid_history(key);
    if !valid.is_empty() {
        about.push_str(&format!(" Valid: {valid}."));
    }
    let clients: Vec<&str> = key.versions().map(ClientVersion::name).collect();
    if clients.len() < ClientVersion::ALL.len() {
        about.push_str(&format!(" Only in client {}.", clients.join(", ")));
    }
    if !key.is_modelled {
        about.push_str(" It is only checked, and has no effect.");
    }
    page.key(key.name, &values, &about);
}
