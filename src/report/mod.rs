//! Floor 7: what comes out: text, JSON, CSV.
