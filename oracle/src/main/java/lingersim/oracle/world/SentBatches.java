package lingersim.oracle.world;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lingersim.oracle.trace.Line;
import lingersim.oracle.wire.Request;
import org.apache.kafka.clients.producer.internals.BatchInsight;
import org.apache.kafka.clients.producer.internals.ProducerBatch;
import org.apache.kafka.common.TopicPartition;

/** What the batches of a request are to the client at the moment when it hands the request over. */
public final class SentBatches {
    private final Map<TopicPartition, Known> known = new HashMap<>();

    private record Known(int attempts, List<Long> records) {}

    public SentBatches(List<ProducerBatch> batches) {
        for (ProducerBatch batch : batches) {
            known.put(BatchInsight.partition(batch), new Known(BatchInsight.attempts(batch), BatchInsight.firstAndLastRecord(batch)));
        }
    }

    /** A batch as it is on the wire, for the trace. */
    Line line(Request.Batch batch) {
        Line line = new Line().put("topic", batch.topic()).put("partition", batch.partition())
            .put("records", batch.records()).put("size", batch.size());
        if (batch.raw() >= 0) {
            line.put("raw", batch.raw());
        }
        if (batch.producerId() >= 0) {
            line.put("base_seq", batch.baseSequence()).put("pid", batch.producerId()).put("epoch", batch.epoch());
        }
        Known toClient = known.get(new TopicPartition(batch.topic(), batch.partition()));
        return line.put("attempt", toClient.attempts).put("recs", toClient.records);
    }
}
