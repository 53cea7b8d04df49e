//! Why things happened, in sentences with ids that stay.

pub mod sentences;
