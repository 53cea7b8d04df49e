package lingersim.oracle.app;

import lingersim.oracle.trace.Ledger;
import lingersim.oracle.trace.Trace;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;

/** The callback of a record. */
public final class Completion implements Callback {
    private final Trace trace;
    private final Ledger ledger;
    private final long record;
    private final String topic;
    /** The explicit one, or -1. */
    private final int partition;

    Completion(Trace trace, Ledger ledger, long record, String topic, Integer partition) {
        this.trace = trace;
        this.ledger = ledger;
        this.record = record;
        this.topic = topic;
        this.partition = partition == null ? -1 : partition;
    }

    public long record() {
        return record;
    }

    @Override
    public void onCompletion(RecordMetadata metadata, Exception exception) {
        boolean known = metadata != null;
        long offset = known && metadata.hasOffset() ? metadata.offset() : -1;
        String error = exception == null ? null : exception.getClass().getSimpleName();
        trace.completed(topic, known ? metadata.partition() : partition, offset, record, error);
        ledger.complete(record, exception == null);
    }
}
