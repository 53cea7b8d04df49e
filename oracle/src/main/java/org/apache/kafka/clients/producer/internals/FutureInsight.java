package org.apache.kafka.clients.producer.internals;

import java.lang.reflect.Field;
import java.util.concurrent.Future;

/** What the future that {@code send} returns says at once. */
public final class FutureInsight {
    private static final Field RESULT = BatchInsight.field(FutureRecordMetadata.class, "result");

    private FutureInsight() {}

    /** Whether the record has been appended; otherwise the future has already failed. */
    public static boolean isAccepted(Future<?> future) {
        return future instanceof FutureRecordMetadata;
    }

    public static int partition(Future<?> future) {
        return ((ProduceRequestResult) BatchInsight.get(RESULT, future)).topicPartition().partition();
    }
}
