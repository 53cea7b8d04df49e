//! Floor 7: replay of golden traces of the real client through the same producer code.
