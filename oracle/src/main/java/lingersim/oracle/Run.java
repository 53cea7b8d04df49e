package lingersim.oracle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lingersim.oracle.app.Application;
import lingersim.oracle.script.Op;
import lingersim.oracle.script.Script;
import lingersim.oracle.time.Actor;
import lingersim.oracle.time.Draws;
import lingersim.oracle.time.Rounds;
import lingersim.oracle.time.VirtualTime;
import lingersim.oracle.trace.Ledger;
import lingersim.oracle.trace.Line;
import lingersim.oracle.trace.Measurements;
import lingersim.oracle.trace.Trace;
import lingersim.oracle.wire.ReleaseRecords;
import lingersim.oracle.wire.ReleaseSockets;
import lingersim.oracle.world.Cluster;
import lingersim.oracle.world.Network;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerInsight;
import org.apache.kafka.clients.producer.ReleaseProducer;

/** One script through the real client. */
public final class Run {
    /** A run that takes longer is given up: real ms. */
    private static final long LIMIT_MS = 20_000;
    /** What the world adds to the configuration where the release knows the key; the script's values win. */
    private static final Map<String, String> WHERE_KNOWN = Map.of("metric.reporters", "", "enable.metrics.push", "false",
        "auto.include.jmx.reporter", "false", "socket.connection.setup.timeout.max.ms", "10000");
    private static final String BYTE_ARRAYS = "org.apache.kafka.common.serialization.ByteArraySerializer";

    /** Inherited by the sender thread, which the producer starts by itself. */
    private static final InheritableThreadLocal<Run> CURRENT = new InheritableThreadLocal<>();

    private final Script script;
    private final Rounds rounds;
    private final Network network;
    private final Trace trace;
    private final Ledger ledger = new Ledger();
    private final List<Actor> applications = new ArrayList<>();
    private final Actor sender;
    private volatile Thread senderThread;

    private Run(Script script, Map<String, Object> config) {
        this.script = script;
        boolean idempotent = ReleaseProducer.isIdempotent(config);
        this.trace = new Trace(this::now);
        this.network = new Network(script, trace, this::now, idempotent);
        this.rounds = new Rounds(network, script.untilMs(), this::isFinished);
        for (int thread = 0; thread < script.threads().size(); thread++) {
            applications.add(new Actor(rounds, trace, thread, new Draws(script.randomSeed() + 1_000_003L * thread)));
        }
        this.sender = new Actor(rounds, trace, -1, new Draws(31 * script.randomSeed() + 17));
        applications.forEach(rounds::add);
        rounds.add(sender);
    }

    /** The run whose thread this is. */
    public static Run current() {
        return CURRENT.get();
    }

    public Actor sender() {
        return sender;
    }

    /** The sender thread has been started by the producer's constructor; it waits for its first turn. */
    public void senderStarts() {
        senderThread = Thread.currentThread();
        sender.begin();
    }

    public Network network() {
        return network;
    }

    private long now() {
        return rounds.now();
    }

    /** All ops are done, and every accepted record has completed or never will. */
    private boolean isFinished() {
        return (ledger.nothingOpen() || sender.isDone()) && applications.stream().allMatch(Actor::isDone);
    }

    /** The trace of a script. */
    static String trace(Script script) throws InterruptedException {
        forgetCompressionRatios(script);
        Map<String, Object> config = config(script);
        Run run = new Run(script, config);
        CURRENT.set(run);
        try {
            return run.play(config);
        } finally {
            CURRENT.remove();
        }
    }

    private static Map<String, Object> config(Script script) {
        Map<String, Object> config = new HashMap<>();
        List<String> addresses = new ArrayList<>();
        script.cluster().getAsJsonArray("nodes").forEach(node -> addresses.add(Cluster.host(node.getAsInt()) + ":" + Cluster.PORT));
        config.put("bootstrap.servers", String.join(",", addresses));
        config.put("client.id", "oracle");
        config.put("key.serializer", BYTE_ARRAYS);
        config.put("value.serializer", BYTE_ARRAYS);
        WHERE_KNOWN.forEach((key, value) -> {
            if (ProducerConfig.configNames().contains(key)) {
                config.put(key, value);
            }
        });
        config.putAll(script.config());
        return config;
    }

    private static void forgetCompressionRatios(Script script) {
        for (List<Op> thread : script.threads()) {
            thread.stream().filter(op -> op.records() != null).flatMap(op -> op.records().topics().stream())
                .forEach(ReleaseRecords::forgetCompressionRatio);
        }
    }

    private String play(Map<String, Object> config) throws InterruptedException {
        VirtualTime time = new VirtualTime(rounds, script.startMs());
        KafkaProducer<byte[], byte[]> producer = ReleaseProducer.create(config, time, new ReleaseSockets(network));
        List<Thread> threads = new ArrayList<>();
        List<List<Op>> ops = script.threads();
        for (Actor actor : applications) {
            Thread thread = new Thread(new Application(actor, ops.get(actor.number()), producer, trace, ledger));
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        String problem = rounds.play(LIMIT_MS);
        String text = problem == null ? text(producer) : null;
        rounds.release();
        if (senderThread != null) {
            threads.add(senderThread);
        }
        for (Thread thread : threads) {
            thread.join(problem == null ? LIMIT_MS : 1);
        }
        ProducerInsight.discard(producer);
        if (problem != null) {
            throw new IllegalStateException(problem);
        }
        return text;
    }

    private String text(KafkaProducer<byte[], byte[]> producer) {
        Line header = new Line().put("ev", "header").put("name", script.name()).put("family", script.family())
            .put("client", script.client()).put("format", 1).put("start_ms", script.startMs())
            .put("partitioner_random", applications.stream().map(actor -> actor.draws().ints()).toList());
        if (script.listsSenderDraws()) {
            header.put("sender_random", sender.draws().longs());
        }
        Line end = ledger.into(trace.line("end")).put("requests", network.produceRequests())
            .put("log_end", network.cluster().logEnds()).put("metrics", Measurements.of(producer.metrics()));
        trace.write(end);
        return header + "\n" + trace.text();
    }
}
