package org.apache.kafka.clients.producer;

/** What a run needs of a producer and applications do not. Lives here for the sake of package-private members. */
public final class ProducerInsight {
    private ProducerInsight() {}

    /** Gives back what a producer holds that has not been closed. */
    public static void discard(KafkaProducer<?, ?> producer) {
        producer.metrics.close();
    }
}
