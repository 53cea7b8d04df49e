package lingersim.oracle.world;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lingersim.oracle.script.Fault;
import lingersim.oracle.script.Script;
import lingersim.oracle.trace.Line;
import lingersim.oracle.wire.ErrorCodes;
import lingersim.oracle.wire.Request;
import org.apache.kafka.common.protocol.Errors;

/** What the brokers know: nodes, topics, leaders, logs. */
public final class Cluster {
    private static final long FIRST_PRODUCER_ID = 1_000;

    private final List<Integer> nodes = new ArrayList<>();
    private final Map<String, String> racks = new HashMap<>();
    private final Map<String, Topic> topics = new LinkedHashMap<>();
    private final boolean checksSequences;
    private final boolean hintsLeaders;
    private final List<String> initPidErrors;
    private int initPidRequests;
    private long nextProducerId = FIRST_PRODUCER_ID;

    Cluster(Script script, boolean idempotent) {
        JsonObject cluster = script.cluster();
        cluster.getAsJsonArray("nodes").forEach(node -> nodes.add(node.getAsInt()));
        if (cluster.has("racks")) {
            cluster.getAsJsonObject("racks").entrySet().forEach(rack -> racks.put(rack.getKey(), rack.getValue().getAsString()));
        }
        cluster.getAsJsonArray("topics").forEach(topic -> addTopic(topic.getAsJsonObject()));
        this.checksSequences = is(cluster, "broker_checks_sequences", idempotent);
        this.hintsLeaders = is(cluster, "leader_hints", false);
        this.initPidErrors = script.initPidErrors();
    }

    private static boolean is(JsonObject cluster, String field, boolean absent) {
        return cluster.has(field) ? cluster.get(field).getAsBoolean() : absent;
    }

    public static final int PORT = 9092;

    public static String host(int node) {
        return "10.0.0." + node;
    }

    /** All brokers in the order of the script. */
    public List<Integer> nodes() {
        return nodes;
    }

    /** The rack of a node, or null. */
    public String rack(int node) {
        return racks.get(Integer.toString(node));
    }

    /** The topic, or null. */
    public Topic topic(String name) {
        return topics.get(name);
    }

    public Topic topic(long id) {
        return topics.values().stream().filter(topic -> topic.id() == id).findFirst().orElseThrow();
    }

    /** Lets a scripted event change what the brokers know. */
    void happen(JsonObject event) {
        if (event.has("set_leader")) {
            JsonObject change = event.getAsJsonObject("set_leader");
            Topic topic = topics.get(change.get("topic").getAsString());
            int index = change.get("partition").getAsInt();
            if (topic != null && index < topic.partitions().size()) {
                Topic.Partition partition = topic.partitions().get(index);
                partition.leader = change.get("leader").getAsInt();
                partition.epoch++;
            }
        } else if (event.has("add_partitions")) {
            JsonObject more = event.getAsJsonObject("add_partitions");
            Topic topic = topics.get(more.get("topic").getAsString());
            if (topic != null) {
                topic.addPartitions(more.getAsJsonArray("leaders"));
            }
        } else if (event.has("add_topic")) {
            addTopic(event.getAsJsonObject("add_topic"));
        }
    }

    private void addTopic(JsonObject topic) {
        topics.computeIfAbsent(topic.get("name").getAsString(), name -> new Topic(topic, topics.size()));
    }

    /** The error for an InitProducerId request; none: {@link #newProducerId} follows. */
    Errors initProducerIdError() {
        int request = initPidRequests++;
        String name = request < initPidErrors.size() ? initPidErrors.get(request) : null;
        return name == null ? Errors.NONE : ErrorCodes.of(name);
    }

    long newProducerId() {
        return nextProducerId++;
    }

    /** Processes the batches of a request that has arrived at a node. */
    List<Result> produce(int node, List<Request.Batch> batches, Fault fault) {
        List<Result> results = new ArrayList<>();
        for (Request.Batch batch : batches) {
            boolean injected = fault != null && fault.isAbout(batch.topic(), batch.partition());
            Result result = injected && !fault.append() ? null : append(node, batch);
            if (injected) {
                result = Result.failed(ErrorCodes.of(fault.error())).withRecordErrors(fault.recordErrors());
            }
            results.add(hinted(result, batch));
        }
        return results;
    }

    private Result append(int node, Request.Batch batch) {
        Topic topic = topics.get(batch.topic());
        if (topic == null || batch.partition() >= topic.partitions().size()) {
            return Result.failed(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        }
        Topic.Partition partition = topic.partitions().get(batch.partition());
        if (partition.leader != node) {
            return Result.failed(ErrorCodes.of("NOT_LEADER_OR_FOLLOWER"));
        }
        if (batch.size() > topic.maxMessageBytes()) {
            return Result.failed(Errors.MESSAGE_TOO_LARGE);
        }
        return partition.log.append(batch, checksSequences);
    }

    /** Who leads, with the error that says that this broker does not. */
    private Result hinted(Result result, Request.Batch batch) {
        if (!hintsLeaders || !ErrorCodes.name(result.error()).equals("NOT_LEADER_OR_FOLLOWER")) {
            return result;
        }
        Topic topic = topics.get(batch.topic());
        if (topic == null || batch.partition() >= topic.partitions().size()) {
            return result;
        }
        Topic.Partition partition = topic.partitions().get(batch.partition());
        return partition.leader < 0 ? result : result.withHint(new Result.Hint(partition.leader, partition.epoch));
    }

    /** Next offsets by topic. */
    public Line logEnds() {
        Line line = new Line();
        topics.forEach((name, topic) -> line.put(name, topic.partitions().stream().map(p -> p.log.nextOffset()).toList()));
        return line;
    }
}
