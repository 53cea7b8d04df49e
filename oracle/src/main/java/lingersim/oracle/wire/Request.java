package lingersim.oracle.wire;

import java.util.List;

/** A request as a broker reads it. */
public interface Request {
    /** What an answer repeats. */
    record Header(short apiKey, short version, int correlationId) {}

    Header header();

    record Metadata(Header header, List<String> topics) implements Request {}

    record InitProducerId(Header header) implements Request {}

    record Produce(Header header, int acks, int timeoutMs, List<Batch> batches) implements Request {}

    /** A batch of a produce request. {@code raw}: uncompressed bytes of the records, -1 without compression. */
    record Batch(String topic, int partition, int records, int size, int raw, int baseSequence, long producerId, short epoch) {}
}
