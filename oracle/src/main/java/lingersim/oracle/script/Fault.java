package lingersim.oracle.script;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What is done to produce requests, by ordinal. Partitions: null for all. */
public record Fault(long first, long last, List<String> partitions, String error, boolean append,
                    List<Integer> recordErrors, boolean drop, boolean lost, boolean disconnect) {
    static Fault read(JsonObject fault) {
        long first = fault.get("request").getAsLong();
        return new Fault(first, fault.has("to") ? fault.get("to").getAsLong() : first,
            fault.has("partitions") ? list(fault, "partitions").stream().map(JsonElement::getAsString).toList() : null,
            fault.has("error") ? fault.get("error").getAsString() : null, is(fault, "append"),
            list(fault, "record_errors").stream().map(JsonElement::getAsInt).toList(), is(fault, "drop"),
            is(fault, "lost"), is(fault, "disconnect"));
    }

    private static boolean is(JsonObject fault, String field) {
        return fault.has(field) && fault.get(field).getAsBoolean();
    }

    private static List<JsonElement> list(JsonObject fault, String field) {
        List<JsonElement> values = new ArrayList<>();
        if (fault.has(field)) {
            fault.getAsJsonArray(field).forEach(values::add);
        }
        return values;
    }

    /** Whether a batch for this partition gets the error. */
    public boolean isAbout(String topic, int partition) {
        return error != null && (partitions == null || partitions.contains(topic + "-" + partition));
    }
}
