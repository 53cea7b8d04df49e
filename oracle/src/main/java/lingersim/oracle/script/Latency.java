package lingersim.oracle.script;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** How long the world takes. */
public final class Latency {
    private final JsonObject latency;

    Latency(JsonObject latency) {
        this.latency = latency;
    }

    public long connectMs() {
        return get("connect_ms", 0);
    }

    public long metadataMs() {
        return get("metadata_ms", 0);
    }

    public long initPidMs() {
        return get("init_pid_ms", 0);
    }

    public long produceMs(long ordinal, int node) {
        JsonElement perRequest = special("per_request", Long.toString(ordinal));
        JsonElement perNode = special("per_node", Integer.toString(node));
        return perRequest != null ? perRequest.getAsLong() : perNode != null ? perNode.getAsLong() : get("produce_ms", 10);
    }

    private long get(String field, long absent) {
        return latency.has(field) ? latency.get(field).getAsLong() : absent;
    }

    private JsonElement special(String table, String key) {
        return latency.has(table) ? latency.getAsJsonObject(table).get(key) : null;
    }
}
