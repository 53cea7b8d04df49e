//! Entry point: everything is in [`lingersim::cli`].

fn main() {}
