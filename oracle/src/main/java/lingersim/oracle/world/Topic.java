package lingersim.oracle.world;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** A topic as the brokers know it. */
public final class Topic {
    /** The first ids are reserved. */
    private static final long FIRST_ID = 1_000;

    private final String name;
    private final long id;
    private final int maxMessageBytes;
    private final List<Partition> partitions = new ArrayList<>();

    /** A partition; leader -1: none. */
    public static final class Partition {
        final PartitionLog log = new PartitionLog();
        int leader;
        int epoch;

        public int leader() {
            return leader;
        }

        public int epoch() {
            return epoch;
        }
    }

    Topic(JsonObject topic, int index) {
        this.name = topic.get("name").getAsString();
        this.id = FIRST_ID + index;
        this.maxMessageBytes = topic.has("max_message_bytes") ? topic.get("max_message_bytes").getAsInt() : Integer.MAX_VALUE;
        addPartitions(topic.getAsJsonArray("partitions"));
    }

    void addPartitions(JsonArray leaders) {
        for (JsonElement leader : leaders) {
            Partition partition = new Partition();
            partition.leader = leader.getAsInt();
            partitions.add(partition);
        }
    }

    public String name() {
        return name;
    }

    /** The lower half of its id; the upper one is 0. */
    public long id() {
        return id;
    }

    public List<Partition> partitions() {
        return partitions;
    }

    int maxMessageBytes() {
        return maxMessageBytes;
    }
}
