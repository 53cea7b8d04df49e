package lingersim.oracle.seams;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the client touches the JDK in a way that depends on wall time, thread timing, chance or identity hashes. Only
 * these calls are redirected; all decisions stay with the unmodified classes.
 */
final class Seams {
    /** {@code new from(...)} becomes {@code new to(...)}; {@code to} extends {@code from} and has the same constructor. */
    record Construction(String from, String to) {}

    /** A call of {@code owner.name} becomes one of {@code Hooks.hook}, with the receiver as first argument. */
    record Call(String owner, String name, String hook) {}

    /** A method that announces itself: {@code Hooks.entry()} first, or with its last argument; {@code Hooks.exit()} last. */
    record Method(String name, String entry, String exit, boolean lastArgument) {}

    /** What is redirected within one class. */
    record OfClass(List<Construction> constructions, List<Call> calls, List<Method> methods) {}

    private static final String INTERNALS = "org/apache/kafka/clients/producer/internals/";
    private static final String TIME = "lingersim/oracle/time/";

    private static final Construction LATCH = new Construction("java/util/concurrent/CountDownLatch", TIME + "VirtualLatch");
    private static final String THREAD_LOCAL_RANDOM = "java/util/concurrent/ThreadLocalRandom";
    private static final OfClass DRAWS = calls(
        new Call(THREAD_LOCAL_RANDOM, "nextInt", "nextInt"), new Call(THREAD_LOCAL_RANDOM, "nextDouble", "nextDouble"));

    private static final Map<String, OfClass> ALL = new HashMap<>();

    static {
        // Waits of the application: for batches and transactions, for memory, for the end of the sender.
        ALL.put(INTERNALS + "ProduceRequestResult", constructions(LATCH));
        ALL.put(INTERNALS + "TransactionalRequestResult", constructions(LATCH));
        ALL.put(INTERNALS + "BufferPool",
            constructions(new Construction("java/util/concurrent/locks/ReentrantLock", TIME + "VirtualLock")));
        List<Call> thread = List.of(
            new Call("java/lang/Thread", "join", "join"), new Call("java/lang/Thread", "isAlive", "isAlive"));
        ALL.put("org/apache/kafka/clients/producer/KafkaProducer", calls(
            thread.get(0), thread.get(1), ofSenderThread(thread.get(0)), ofSenderThread(thread.get(1))));
        // The sender thread waits for its turn, and says which batches the next request carries.
        ALL.put(INTERNALS + "Sender", new OfClass(List.of(), List.of(), List.of(
            new Method("run", "senderStarts", "senderEnds", false),
            new Method("sendProduceRequest", "batchesToSend", null, true))));
        // An identity hash has no order; creation order is one that a reader can follow.
        ALL.put(INTERNALS + "IncompleteBatches",
            constructions(new Construction("java/util/HashSet", "java/util/LinkedHashSet")));
        // Chance: which node is asked first, and the order of nodes.
        ALL.put("org/apache/kafka/clients/NetworkClient",
            constructions(new Construction("java/util/Random", "lingersim/oracle/seams/FirstOfAll")));
        ALL.put("org/apache/kafka/common/Cluster", calls(new Call("java/util/Collections", "shuffle", "keepOrder")));
        // Chance: partitions and backoffs, from seeded streams.
        for (String drawing : List.of(INTERNALS + "BuiltInPartitioner", INTERNALS + "StickyPartitionCache",
            INTERNALS + "DefaultPartitioner", "org/apache/kafka/common/utils/ExponentialBackoff",
            "org/apache/kafka/clients/ClusterConnectionStates")) {
            ALL.put(drawing, DRAWS);
        }
    }

    private Seams() {}

    static Optional<OfClass> of(String className) {
        return Optional.ofNullable(ALL.get(className));
    }

    /** From 4.x the field of the producer has the type of the sender's own thread class. */
    private static Call ofSenderThread(Call call) {
        return new Call(INTERNALS + "Sender$SenderThread", call.name(), call.hook());
    }

    private static OfClass constructions(Construction... constructions) {
        return new OfClass(List.of(constructions), List.of(), List.of());
    }

    private static OfClass calls(Call... calls) {
        return new OfClass(List.of(), List.of(calls), List.of());
    }
}
