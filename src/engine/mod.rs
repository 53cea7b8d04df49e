//! Floor 1: tools that have never heard of Kafka: event queue, random streams, distributions, digest.
