//! Why things happened, in sentences with ids that stay.

mod batch;
mod explanation;
mod json;
mod log_lines;
mod markdown;
mod names;
pub mod sentences;
mod step;
mod summary;
mod text;
mod what_if;

pub use explanation::Explanation;
pub use json::json;
pub use markdown::markdown;
pub use names::{Told, span_text, time_text};
pub use summary::{Decomposition, LeftRow, Summary};
pub use text::text;
