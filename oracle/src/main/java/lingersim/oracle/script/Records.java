package lingersim.oracle.script;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The records of a send and its repetitions. */
public final class Records {
    private static final String[] WORDS = {"alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel",
        "india", "juliett", "kilo", "lima", "mike", "november", "oscar", "papa"};

    private final OneOrMany<String> topics;
    private final OneOrMany<String> keys;
    private final OneOrMany<Integer> keyLengths;
    private final OneOrMany<Integer> valueLengths;
    private final OneOrMany<Integer> partitions;
    private final OneOrMany<Long> timestamps;
    private final JsonArray headers;
    private final long startMs;
    private final boolean text;

    Records(JsonObject send, long startMs, boolean text) {
        this.topics = OneOrMany.of(send, "topic", JsonElement::getAsString);
        this.keys = OneOrMany.of(send, "key", JsonElement::getAsString);
        this.keyLengths = OneOrMany.of(send, "key_len", JsonElement::getAsInt);
        this.valueLengths = OneOrMany.of(send, "value_len", JsonElement::getAsInt);
        this.partitions = OneOrMany.of(send, "partition", JsonElement::getAsInt);
        this.timestamps = OneOrMany.of(send, "timestamp", JsonElement::getAsLong);
        this.headers = send.has("headers") ? send.getAsJsonArray("headers") : new JsonArray();
        this.startMs = startMs;
        this.text = text;
    }

    /** The topics that records go to. */
    public List<String> topics() {
        return topics.values();
    }

    /** The record of a repetition, with this number. */
    public ProducerRecord<byte[], byte[]> record(long repetition, long number) {
        Long timestamp = timestamps.get(repetition);
        Integer valueLength = valueLengths.get(repetition);
        return new ProducerRecord<>(topics.get(repetition), partitions.get(repetition),
            timestamp == null ? null : startMs + timestamp, key(repetition, (int) number),
            valueLength == null ? null : value((int) number, valueLength), headers());
    }

    private byte[] key(long repetition, int number) {
        String key = keys.get(repetition);
        if (key != null) {
            return key.getBytes(StandardCharsets.UTF_8);
        }
        Integer length = keyLengths.get(repetition);
        if (length == null) {
            return null;
        }
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; at++) {
            bytes[at] = (byte) (17 * number + 3 * at + 1);
        }
        return bytes;
    }

    private byte[] value(int number, int length) {
        byte[] bytes = new byte[length];
        int from = 0;
        if (length >= Long.BYTES) {
            ByteBuffer.wrap(bytes).putLong(number);
            from = Long.BYTES;
        }
        if (text) {
            fillWords(bytes, from, number);
        } else {
            for (int at = from; at < length; at++) {
                bytes[at] = (byte) (31 * number + 7 * at);
            }
        }
        return bytes;
    }

    private static void fillWords(byte[] bytes, int from, int seed) {
        int at = from;
        int state = seed;
        while (at < bytes.length) {
            state = state * 1103515245 + 12345;
            byte[] word = (WORDS[(state >>> 16) & 15] + " ").getBytes(StandardCharsets.US_ASCII);
            int count = Math.min(word.length, bytes.length - at);
            System.arraycopy(word, 0, bytes, at, count);
            at += count;
        }
    }

    private List<Header> headers() {
        List<Header> list = new ArrayList<>();
        for (JsonElement header : headers) {
            JsonElement length = header.getAsJsonArray().get(1);
            byte[] value = length.isJsonNull() ? null : new byte[length.getAsInt()];
            list.add(new RecordHeader(header.getAsJsonArray().get(0).getAsString(), value));
        }
        return list;
    }
}
