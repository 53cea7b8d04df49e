package lingersim.oracle.time;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The virtual clock and whose turn it is. At one instant: what the world has due, each application thread, the sender,
 * and again, until nothing runs; then the clock moves on. There is no thread for this: who yields finds the next one.
 */
public final class Rounds {
    /** More rounds than this, or so many at one instant, are a script that makes the client spin. */
    private static final long MOST_ROUNDS = 3_000_000;
    private static final long MOST_ROUNDS_AT_ONCE = 3_000;

    /** What happens outside the client. */
    public interface World {
        /** Lets everything happen that is due; whether there was anything. */
        boolean happen(long now);

        /** When something happens next, or {@link Actor#NEVER}. */
        long next();
    }

    private final World world;
    private final long until;
    /** Whether nothing is left to wait for once nothing is runnable. */
    private final BooleanSupplier finished;
    private final List<Actor> actors = new ArrayList<>();

    private long now;
    /** Next in the round: 0 is the world, then the actors. */
    private int position;
    private boolean ran;
    private long rounds;
    private long roundsAtOnce;
    private volatile boolean over;
    private String problem;

    public Rounds(World world, long until, BooleanSupplier finished) {
        this.world = world;
        this.until = until;
        this.finished = finished;
    }

    /** Actors have their turns in the order in which they are added. */
    public void add(Actor actor) {
        actors.add(actor);
    }

    /** Ms since the start of the run. */
    public long now() {
        return now;
    }

    boolean isOver() {
        return over;
    }

    /** Plays from the start to the end; a problem, or null. Real time is limited. */
    public synchronized String play(long limitMs) throws InterruptedException {
        long giveUpAt = System.nanoTime() + limitMs * 1_000_000;
        passOn(null);
        while (!over) {
            long leftMs = (giveUpAt - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                over = true;
                problem = "the client has been busy for " + limitMs + " ms of real time";
                break;
            }
            wait(leftMs);
        }
        return problem;
    }

    /** Ends the threads of a run that is over. */
    public void release() {
        for (Actor actor : actors) {
            actor.giveTurn();
        }
    }

    /** Gives the turn to the next actor; whether that is the one who had it. */
    boolean passOn(Actor from) {
        if (over) {
            throw new EndOfRun();
        }
        Actor next = next();
        if (next == null) {
            stop();
        } else if (next != from) {
            next.giveTurn();
        }
        return next == from && next != null;
    }

    /** Ends the run because something is wrong with the script or the oracle. */
    synchronized void fail(Throwable bug) {
        problem = "the oracle itself: " + bug;
        stop();
    }

    private synchronized void stop() {
        over = true;
        notifyAll();
    }

    private Actor next() {
        while (true) {
            if (position == 0) {
                ran = world.happen(now);
                position = 1;
                if (++rounds > MOST_ROUNDS || ++roundsAtOnce > MOST_ROUNDS_AT_ONCE) {
                    problem = "the client does nothing but spin: " + rounds + " rounds until " + now + " ms";
                    return null;
                }
            }
            while (position <= actors.size()) {
                Actor actor = actors.get(position - 1);
                position++;
                if (actor.isRunnable(now)) {
                    ran = true;
                    return actor;
                }
            }
            position = 0;
            if (!ran && !moveOn()) {
                return null;
            }
        }
    }

    /** Moves the clock to the next instant at which anything can happen; false at the end of the run. */
    private boolean moveOn() {
        if (finished.getAsBoolean()) {
            return false;
        }
        long next = world.next();
        for (Actor actor : actors) {
            next = Math.min(next, actor.deadline());
        }
        if (next >= until) {
            if (until == Actor.NEVER) {
                problem = "nothing can happen any more, and the run is not over";
            } else {
                now = until;
            }
            return false;
        }
        now = next;
        roundsAtOnce = 0;
        return true;
    }
}
