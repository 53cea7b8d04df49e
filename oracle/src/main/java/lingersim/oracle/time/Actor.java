package lingersim.oracle.time;

import java.util.function.BooleanSupplier;
import lingersim.oracle.trace.Trace;

/** A thread of the run: it runs while it has the turn, and gives it away when it has to wait. */
public final class Actor {
    public static final long NEVER = Long.MAX_VALUE;
    private static final ThreadLocal<Actor> CURRENT = new ThreadLocal<>();

    private final Rounds rounds;
    private final Trace trace;
    /** Number of the application thread, or -1 for the sender. */
    private final int number;
    private final Draws draws;

    private BooleanSupplier ready = () -> true;
    private long deadline = NEVER;
    private boolean done;

    /** What the thread holds and has to release while it waits; its own lock otherwise. */
    private volatile Object monitor = this;
    private boolean hasTurn;
    private String operation;
    private String blockedOn;

    public Actor(Rounds rounds, Trace trace, int number, Draws draws) {
        this.rounds = rounds;
        this.trace = trace;
        this.number = number;
        this.draws = draws;
    }

    /** The actor whose thread this is. */
    public static Actor current() {
        return CURRENT.get();
    }

    /** A deadline so many ms from now. */
    public long after(long ms) {
        long now = rounds.now();
        return now + ms < now ? NEVER : now + ms;
    }

    public int number() {
        return number;
    }

    public Draws draws() {
        return draws;
    }

    public boolean isDone() {
        return done;
    }

    long deadline() {
        return done ? NEVER : deadline;
    }

    boolean isRunnable(long now) {
        return !done && (ready.getAsBoolean() || deadline <= now);
    }

    /** The first thing that its thread does: waits for its first turn. */
    public void begin() {
        CURRENT.set(this);
        awaitTurn();
    }

    /** The last thing that its thread does. */
    public void end() {
        done = true;
        rounds.passOn(this);
    }

    /** What the thread does: the reason of its waits for a latch. */
    public String operation() {
        return operation;
    }

    /** The thread begins to do this. */
    public void operation(String operation) {
        this.operation = operation;
    }

    /** Something is wrong that has nothing to do with the client: ends the run. */
    public EndOfRun fail(Throwable bug) {
        rounds.fail(bug);
        return new EndOfRun();
    }

    /** Yields until then; does not yield if the time has come. */
    public void sleepUntil(long at) {
        if (at > rounds.now()) {
            pause(() -> false, at);
        }
    }

    /** Yields until {@code ready}, at most until {@code deadline}. */
    public void pause(BooleanSupplier ready, long deadline) {
        pauseHolding(this, ready, deadline);
    }

    /** Likewise, and releases a monitor that its thread holds, as {@code Object.wait} does. */
    public void pauseHolding(Object monitor, BooleanSupplier ready, long deadline) {
        this.ready = ready;
        this.deadline = deadline;
        this.monitor = monitor;
        if (!rounds.passOn(this)) {
            awaitTurn();
        }
    }

    /** The thread begins to wait; several waits in a row for the same reason are one. */
    public void blocked(String why) {
        if (blockedOn == null) {
            blockedOn = why;
            trace.blocked(number, why);
        }
    }

    public void unblocked() {
        if (blockedOn != null) {
            trace.unblocked(number, blockedOn);
            blockedOn = null;
        }
    }

    void giveTurn() {
        Object at = monitor;
        synchronized (at) {
            hasTurn = true;
            at.notifyAll();
        }
    }

    private void awaitTurn() {
        Object at = monitor;
        synchronized (at) {
            while (!hasTurn) {
                try {
                    at.wait();
                } catch (InterruptedException interrupted) {
                    throw new EndOfRun();
                }
            }
            hasTurn = false;
        }
        if (rounds.isOver()) {
            throw new EndOfRun();
        }
    }
}
