package lingersim.oracle.script;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A field of a send: one value for all repetitions, or a list that they go round. Values may be null. */
final class OneOrMany<T> {
    private final List<T> values = new ArrayList<>();

    private OneOrMany() {}

    /** The field, or null for all if it is absent. */
    static <T> OneOrMany<T> of(JsonObject send, String field, Function<JsonElement, T> read) {
        OneOrMany<T> many = new OneOrMany<>();
        JsonElement given = send.get(field);
        if (given != null && given.isJsonArray()) {
            given.getAsJsonArray().forEach(value -> many.values.add(value.isJsonNull() ? null : read.apply(value)));
        } else {
            many.values.add(given == null || given.isJsonNull() ? null : read.apply(given));
        }
        return many;
    }

    List<T> values() {
        return values;
    }

    /** The value of a repetition. */
    T get(long repetition) {
        return values.get((int) (repetition % values.size()));
    }
}
