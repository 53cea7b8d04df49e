//! Where something stands in a schema.

use crate::values::excerpt::short;

/// The way to a part of a schema: `fields.price.type.items`.
#[derive(Clone)]
pub(super) struct Place(pub(super) String);

impl Place {
    pub(super) fn root() -> Place {
        Place(String::new())
    }

    pub(super) fn at(&self, step: &str) -> Place {
        let step = short(step);
        Place(if self.0.is_empty() { step } else { format!("{}.{step}", self.0) })
    }
}
