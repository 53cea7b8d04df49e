package lingersim.oracle.seams;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import lingersim.oracle.Run;
import lingersim.oracle.time.Actor;
import org.apache.kafka.clients.producer.internals.ProducerBatch;

/** What the redirected calls of {@link Seams} do instead. Signatures are those of the replaced calls. */
public final class Hooks {
    private Hooks() {}

    public static void senderStarts() {
        Run.current().senderStarts();
    }

    public static void senderEnds() {
        Run.current().sender().end();
    }

    /** The request that the sender makes next has these batches. */
    public static void batchesToSend(List<ProducerBatch> batches) {
        Run.current().network().batchesToSend(batches);
    }

    /** As for {@code Thread.join}, 0 means no limit. The producer never asks that way when its time is up. */
    public static void join(Thread sender, long timeoutMs) {
        Actor actor = Actor.current();
        awaitSender(actor, "close", timeoutMs == 0 ? Actor.NEVER : actor.after(timeoutMs));
    }

    public static void join(Thread sender) {
        awaitSender(Actor.current(), "force_close", Actor.NEVER);
    }

    private static void awaitSender(Actor actor, String why, long deadline) {
        Actor sender = Run.current().sender();
        if (!sender.isDone()) {
            actor.blocked(why);
            actor.pause(sender::isDone, deadline);
            actor.unblocked();
        }
    }

    /** Alive until its last turn: the thread itself may take some real time more to end. */
    public static boolean isAlive(Thread sender) {
        return !Run.current().sender().isDone();
    }

    /** {@code Collections.shuffle}. */
    public static void keepOrder(List<?> list) {}

    public static int nextInt(ThreadLocalRandom random) {
        return Actor.current().draws().nextInt();
    }

    public static double nextDouble(ThreadLocalRandom random, double low, double high) {
        return Actor.current().draws().nextDouble(low, high);
    }
}
