package lingersim.oracle.time;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.utils.Time;

/** The client's clock. */
public final class VirtualTime implements Time {
    private final Rounds rounds;
    private final long startMs;

    public VirtualTime(Rounds rounds, long startMs) {
        this.rounds = rounds;
        this.startMs = startMs;
    }

    @Override
    public long milliseconds() {
        return startMs + rounds.now();
    }

    @Override
    public long hiResClockMs() {
        return milliseconds();
    }

    @Override
    public long nanoseconds() {
        return milliseconds() * 1_000_000;
    }

    @Override
    public void sleep(long ms) {
        Actor actor = Actor.current();
        actor.pause(() -> false, actor.after(ms));
    }

    /** The wait for metadata: as that of the system's clock, but the turn is given away while it waits. */
    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
        Actor actor = Actor.current();
        Seen seen = new Seen(condition);
        synchronized (object) {
            while (!seen.getAsBoolean()) {
                if (milliseconds() >= deadlineMs) {
                    actor.unblocked();
                    throw new TimeoutException("Condition not satisfied before deadline");
                }
                actor.blocked("metadata");
                actor.pauseHolding(object, seen, deadlineMs == Actor.NEVER ? Actor.NEVER : deadlineMs - startMs);
            }
            actor.unblocked();
            seen.rethrow();
        }
    }

    /** A condition that others look at on behalf of the waiting thread. It may throw, and then only once. */
    private static final class Seen implements BooleanSupplier {
        private final Supplier<Boolean> condition;
        private RuntimeException thrown;

        Seen(Supplier<Boolean> condition) {
            this.condition = condition;
        }


        @Override
        public boolean getAsBoolean() {
            if (thrown != null) {
                return true;
            }
            try {
                return condition.get();
            } catch (RuntimeException exception) {
                thrown = exception;
                return true;
            }
        }

        void rethrow() {
            if (thrown != null) {
                throw thrown;
            }
        }
    }
}
