//! What values consist of: bytes that follow from a seed, templates with fields, payloads of a file.
//!
//! A run that only needs sizes makes no bytes of fills and of files. Templates are rendered for their length.

pub mod field;
pub mod file;
pub mod fill;
pub mod json;
pub mod template;

pub(super) mod rendering;

mod draws;
mod moment;
mod orders;
mod words;
