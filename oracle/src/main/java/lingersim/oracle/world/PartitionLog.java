package lingersim.oracle.world;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import lingersim.oracle.wire.Request;
import org.apache.kafka.common.protocol.Errors;

/** The log of a partition, with the sequence numbers of its producers. */
final class PartitionLog {
    private static final int REMEMBERED = 5;

    private final Map<Long, Producer> producers = new HashMap<>();
    private long nextOffset;

    /** A batch that a retry of it would be recognised by. */
    private record Appended(int first, int last, long offset) {}

    private static final class Producer {
        short epoch;
        final Deque<Appended> batches = new ArrayDeque<>();
    }

    long nextOffset() {
        return nextOffset;
    }

    Result append(Request.Batch batch, boolean checksSequences) {
        if (!checksSequences || batch.producerId() < 0) {
            return Result.appended(take(batch.records()));
        }
        int first = batch.baseSequence();
        int last = (int) ((first + (long) batch.records() - 1) & Integer.MAX_VALUE);
        Producer producer = producers.get(batch.producerId());
        if (producer != null) {
            Result refused = check(producer, batch.epoch(), first, last);
            if (refused != null) {
                return refused;
            }
        } else {
            producer = new Producer();
            producer.epoch = batch.epoch();
            producers.put(batch.producerId(), producer);
        }
        if (producer.epoch != batch.epoch()) {
            producer.batches.clear();
            producer.epoch = batch.epoch();
        }
        if (producer.batches.size() == REMEMBERED) {
            producer.batches.removeFirst();
        }
        long offset = take(batch.records());
        producer.batches.addLast(new Appended(first, last, offset));
        return Result.appended(offset);
    }

    private long take(int records) {
        long offset = nextOffset;
        nextOffset += records;
        return offset;
    }

    /** What a batch that may not be appended gets; null if it may. */
    private static Result check(Producer producer, short epoch, int first, int last) {
        if (epoch < producer.epoch) {
            return Result.failed(Errors.INVALID_PRODUCER_EPOCH);
        }
        if (epoch > producer.epoch) {
            return first == 0 ? null : Result.failed(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        }
        for (Appended known : producer.batches) {
            if (known.first == first && known.last == last) {
                return Result.appended(known.offset);
            }
        }
        int expected = (producer.batches.getLast().last + 1) & Integer.MAX_VALUE;
        return first == expected ? null : Result.failed(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }
}
