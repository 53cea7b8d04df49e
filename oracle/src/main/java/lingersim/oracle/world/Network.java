package lingersim.oracle.world;

import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import lingersim.oracle.script.Fault;
import lingersim.oracle.script.Latency;
import lingersim.oracle.script.Script;
import lingersim.oracle.time.Actor;
import lingersim.oracle.time.Rounds;
import lingersim.oracle.trace.Line;
import lingersim.oracle.trace.Trace;
import lingersim.oracle.wire.ErrorCodes;
import lingersim.oracle.wire.Request;
import lingersim.oracle.wire.Wire;
import org.apache.kafka.clients.producer.internals.ProducerBatch;
import org.apache.kafka.common.protocol.Errors;

/** The world outside the client: connections to brokers, what is on its way on them, what the script lets happen. */
public final class Network implements Rounds.World {
    private final Trace trace;
    private final Latency latency;
    private final List<Fault> faults;
    private final Cluster cluster;
    private final LongSupplier now;

    private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::cause));
    private long causes;
    private final Map<String, Connection> connections = new LinkedHashMap<>();
    private final Map<Integer, Long> unreachableUntil = new HashMap<>();
    private long produceRequests;
    private List<ProducerBatch> batchesToSend = List.of();

    /** What the client sees when its poll returns. */
    private final List<Connection> connected = new ArrayList<>();
    private final List<Response> responses = new ArrayList<>();
    private final List<Connection> disconnected = new ArrayList<>();

    /** Something at a time; causes order what is due at the same time. */
    private record Due(long at, long cause, Runnable happening) {}

    /** A response on its connection, and its line of the trace when it is handed over. */
    record Response(String connection, ByteBuffer bytes, Supplier<Line> line) {}

    public Network(Script script, Trace trace, LongSupplier now, boolean idempotent) {
        this.trace = trace;
        this.latency = script.latency();
        this.faults = script.faults();
        this.cluster = new Cluster(script, idempotent);
        this.now = now;
        for (JsonObject event : script.events()) {
            schedule(event.get("at").getAsLong(), () -> happen(event));
        }
    }

    public Cluster cluster() {
        return cluster;
    }

    public long produceRequests() {
        return produceRequests;
    }

    /** The next produce request has these batches. */
    public void batchesToSend(List<ProducerBatch> batches) {
        batchesToSend = batches;
    }

    // Time

    private void schedule(long at, Runnable happening) {
        due.add(new Due(at, causes++, happening));
    }

    @Override
    public long next() {
        return due.isEmpty() ? Actor.NEVER : due.peek().at;
    }

    @Override
    public boolean happen(long now) {
        boolean any = false;
        while (!due.isEmpty() && due.peek().at <= now) {
            due.remove().happening.run();
            any = true;
        }
        return any;
    }

    private void happen(JsonObject event) {
        if (event.has("disconnect")) {
            int node = event.get("disconnect").getAsInt();
            if (event.has("until")) {
                unreachableUntil.put(node, event.get("until").getAsLong());
            }
            breakConnections(node);
        } else {
            cluster.happen(event);
        }
    }

    // Connections

    void connect(String id, int node) {
        Connection connection = new Connection(id, node);
        connections.put(id, connection);
        trace.write(line("connect", connection));
        boolean refused = now.getAsLong() < unreachableUntil.getOrDefault(node, 0L);
        schedule(now.getAsLong() + latency.connectMs(), () -> {
            if (!connection.open) {
                return;
            }
            if (refused) {
                broken(connection);
            } else {
                connected.add(connection);
            }
        });
    }

    /** The client closes a connection. */
    void close(String id) {
        Connection connection = connections.remove(id);
        connected.removeIf(news -> news.id.equals(id));
        responses.removeIf(news -> news.connection.equals(id));
        disconnected.removeIf(news -> news.id.equals(id));
        if (connection != null) {
            connection.open = false;
            trace.write(line("close", connection));
        }
    }

    private void breakConnections(int node) {
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.node == node) {
                broken(connection);
            }
        }
    }

    private void broken(Connection connection) {
        connections.remove(connection.id);
        connection.open = false;
        disconnected.add(connection);
    }

    // What the client sees

    boolean hasNews() {
        return !connected.isEmpty() || !responses.isEmpty() || !disconnected.isEmpty();
    }

    List<String> takeConnected() {
        List<String> ids = new ArrayList<>();
        for (Connection connection : connected) {
            trace.write(line("connected", connection));
            ids.add(connection.id);
        }
        connected.clear();
        return ids;
    }

    /** The first response of each connection. */
    List<Response> takeResponses() {
        List<Response> taken = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Iterator<Response> each = responses.iterator(); each.hasNext(); ) {
            Response response = each.next();
            if (seen.add(response.connection)) {
                each.remove();
                trace.write(response.line.get());
                taken.add(response);
            }
        }
        return taken;
    }

    /** The connections that are gone, with what the client has not yet read from them. */
    List<String> takeDisconnected() {
        List<String> ids = new ArrayList<>();
        for (Connection connection : disconnected) {
            trace.write(line("disconnected", connection));
            ids.add(connection.id);
            responses.removeIf(response -> response.connection.equals(connection.id));
        }
        disconnected.clear();
        return ids;
    }

    private Line line(String event, Connection connection) {
        return trace.line(event).put("conn", Integer.parseInt(connection.id)).put("node", connection.node);
    }

    // Requests

    /** A produce request that the client has handed over to be written: what its batches are to the client. */
    List<ProducerBatch> takeBatches() {
        List<ProducerBatch> batches = batchesToSend;
        batchesToSend = List.of();
        return batches;
    }

    /** The client writes a frame. Nothing is written on a connection that is gone. */
    boolean write(String id, Supplier<ByteBuffer> writing, SentBatches sent) {
        Connection connection = connections.get(id);
        if (connection == null) {
            return false;
        }
        ByteBuffer frame = writing.get();
        int bytes = frame.remaining();
        frame.getInt();
        Request request = Wire.read(frame, cluster);
        if (request instanceof Request.Metadata metadata) {
            trace.write(line("metadata_request", connection).put("topics", metadata.topics()));
            if (!connection.stuck) {
                answer(connection, latency.metadataMs(), Wire.metadata(metadata, cluster),
                    () -> line("metadata_response", connection));
            }
        } else if (request instanceof Request.InitProducerId init) {
            trace.write(line("init_pid_request", connection));
            if (!connection.stuck) {
                initProducerId(connection, init);
            }
        } else if (request instanceof Request.Produce produce) {
            long ordinal = ++produceRequests;
            trace.write(trace.line("request").put("req", ordinal).put("node", connection.node).put("acks", produce.acks())
                .put("timeout_ms", produce.timeoutMs()).put("bytes", bytes)
                .put("batches", produce.batches().stream().map(sent::line).toList()));
            if (!connection.stuck) {
                produce(connection, ordinal, produce);
            }
        }
        return true;
    }

    private void initProducerId(Connection connection, Request.InitProducerId init) {
        Errors error = cluster.initProducerIdError();
        long producerId = error == Errors.NONE ? cluster.newProducerId() : -1;
        answer(connection, latency.initPidMs(), Wire.initProducerId(init, producerId, error),
            () -> line("init_pid_response", connection).put("pid", producerId).put("error", ErrorCodes.nameOrNull(error)));
    }

    private void produce(Connection connection, long ordinal, Request.Produce produce) {
        Fault fault = null;
        for (Fault candidate : faults) {
            if (candidate.first() <= ordinal && ordinal <= candidate.last()) {
                fault = candidate;
            }
        }
        if (fault != null && fault.lost()) {
            connection.stuck = true;
            return;
        }
        List<Result> results = cluster.produce(connection.node, produce.batches(), fault);
        if (fault != null && fault.drop()) {
            connection.stuck = true;
        } else if (fault != null && fault.disconnect()) {
            breakConnections(connection.node);
        } else if (produce.acks() != 0) {
            answer(connection, latency.produceMs(ordinal, connection.node), Wire.produced(produce, results, cluster), () -> {
                Line line = trace.line("response").put("req", ordinal).put("node", connection.node);
                List<List<?>> errors = errors(produce, results);
                return errors.isEmpty() ? line : line.put("errors", errors);
            });
        }
    }

    private static List<List<?>> errors(Request.Produce produce, List<Result> results) {
        List<List<?>> errors = new ArrayList<>();
        for (int at = 0; at < results.size(); at++) {
            Request.Batch batch = produce.batches().get(at);
            String error = ErrorCodes.nameOrNull(results.get(at).error());
            if (error != null) {
                errors.add(List.of(batch.topic(), batch.partition(), error));
            }
        }
        return errors;
    }

    /** Responses on one connection never overtake each other. */
    private void answer(Connection connection, long latencyMs, ByteBuffer bytes, Supplier<Line> line) {
        long at = Math.max(connection.lastResponse, now.getAsLong() + latencyMs);
        connection.lastResponse = at;
        schedule(at, () -> {
            if (connection.open) {
                responses.add(new Response(connection.id, bytes, line));
            }
        });
    }
}
