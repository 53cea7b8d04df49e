package lingersim.oracle.script;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lingersim.oracle.time.Actor;

/** What the world does in a run. The cluster and its events are read by the world itself. */
public final class Script {
    private final JsonObject json;

    private Script(JsonObject json) {
        this.json = json;
    }

    public static Script read(Path file) throws IOException {
        return new Script(JsonParser.parseString(Files.readString(file)).getAsJsonObject());
    }

    public String name() {
        return text("name");
    }

    public String family() {
        return text("family");
    }

    public String client() {
        return text("client");
    }

    private String text(String field) {
        return json.has(field) ? json.get(field).getAsString() : "";
    }

    public long randomSeed() {
        return number("random_seed", 0);
    }

    public long startMs() {
        return number("start_ms", 1_700_000_000_000L);
    }

    public long untilMs() {
        return number("until_ms", Actor.NEVER);
    }

    private long number(String field, long absent) {
        return json.has(field) ? json.get(field).getAsLong() : absent;
    }

    public boolean listsSenderDraws() {
        return json.has("sender_random") && json.get("sender_random").getAsBoolean();
    }

    public Map<String, String> config() {
        Map<String, String> config = new LinkedHashMap<>();
        json.getAsJsonObject("config").entrySet().forEach(entry -> config.put(entry.getKey(), entry.getValue().getAsString()));
        return config;
    }

    public boolean isTransactional() {
        return config().containsKey("transactional.id");
    }

    public JsonObject cluster() {
        return json.getAsJsonObject("cluster");
    }

    public Latency latency() {
        return new Latency(json.has("latency") ? json.getAsJsonObject("latency") : new JsonObject());
    }

    public List<Fault> faults() {
        return array("faults").stream().map(fault -> Fault.read(fault.getAsJsonObject())).toList();
    }

    public List<JsonObject> events() {
        return array("events").stream().map(JsonElement::getAsJsonObject).toList();
    }

    /** Names of errors for the first InitProducerId requests; null: none. */
    public List<String> initPidErrors() {
        List<String> names = new ArrayList<>();
        array("init_pid_errors").forEach(name -> names.add(name.isJsonNull() ? null : name.getAsString()));
        return names;
    }

    /** The ops of each application thread. */
    public List<List<Op>> threads() {
        boolean text = text("fill").equals("text");
        List<List<Op>> threads = new ArrayList<>();
        for (JsonElement thread : array("threads")) {
            List<Op> ops = new ArrayList<>();
            thread.getAsJsonArray().forEach(op -> ops.add(Op.read(op.getAsJsonObject(), startMs(), text)));
            threads.add(ops);
        }
        return threads;
    }

    private List<JsonElement> array(String field) {
        List<JsonElement> values = new ArrayList<>();
        if (json.has(field)) {
            JsonArray array = json.getAsJsonArray(field);
            array.forEach(values::add);
        }
        return values;
    }
}
