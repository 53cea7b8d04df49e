//! Kafka's own keys in a scenario: where they were given, and what the client makes of them.
