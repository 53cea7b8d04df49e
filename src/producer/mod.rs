//! Floor 4: the producer, a state machine without clock, socket or thread.
