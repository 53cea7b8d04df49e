//! From keys and values to a configuration that the client starts with, or to everything it would not accept.

use super::construct;
use super::effective::Effective;
use super::producer::ProducerConfig;
use super::rejection::Rejection;
use super::rules;
use super::value::Raw;
use super::version::ClientVersion;

/// A configuration on its way through the client, with all that was rejected so far. The client itself stops at the
/// first rejection, in the order given here.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The values.
    pub effective: Effective,
    /// What is wrong.
    pub rejections: Vec<Rejection>,
}

impl Checked {
    /// What `ProducerConfig` of the client does: parsing, validation, rules between keys.
    ///
    /// Of equal keys the last one counts. Unknown keys are left out; the client only warns about them.
    pub fn parsed(version: ClientVersion, given: &[(&str, Raw<'_>)]) -> Checked {
        let mut rejections = Vec::new();
        let mut effective = Effective::read(version, given, &mut rejections);
        rules::after_parsing(&mut effective, &mut rejections);
        Checked { effective, rejections }
    }

    /// What the constructor of `KafkaProducer` does; `number` counts the producers of the process from 1.
    pub fn constructed(mut self, number: usize) -> Checked {
        construct::construct(&mut self.effective, number, &mut self.rejections);
        self
    }

    /// What the producer runs with, if nothing was rejected.
    pub fn config(&self) -> Option<ProducerConfig> {
        if self.rejections.is_empty() { Some(ProducerConfig::of(&self.effective)) } else { None }
    }
}

/// The configuration of the first producer of a process.
///
/// # Errors
/// Everything the client would not accept, at least one.
pub fn producer_config<'a>(
    version: ClientVersion,
    given: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<ProducerConfig, Vec<Rejection>> {
    let given: Vec<(&str, Raw<'_>)> = given.into_iter().map(|(key, value)| (key, Raw::Text(value))).collect();
    let checked = Checked::parsed(version, &given).constructed(1);
    checked.config().ok_or(checked.rejections)
}
