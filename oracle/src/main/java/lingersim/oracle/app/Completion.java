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

    Completion(Trace trace, Ledger ledger, long record, String topic) {
        this.trace = trace;
        this.ledger = ledger;
        this.record = record;
        this.topic = topic;
    }

    public long record() {
        return record;
    }

    @Override
    public void onCompletion(RecordMetadata metadata, Exception exception) {
        // Releases before 3.x give none when a send fails before its record is appended.
        boolean known = metadata != null;
        long offset = known && metadata.hasOffset() ? metadata.offset() : -1;
        String error = exception == null ? null : exception.getClass().getSimpleName();
        trace.completed(topic, known ? metadata.partition() : -1, offset, record, error);
        ledger.complete(record, exception == null);
    }
}
