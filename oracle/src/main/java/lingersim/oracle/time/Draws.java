package lingersim.oracle.time;

import java.util.ArrayList;
import java.util.List;

/** The random stream of a thread: what {@code ThreadLocalRandom} would give it from a known seed. */
public final class Draws {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;
    /** A header lists this many values more than were drawn. */
    private static final int SPARE = 8;

    private final long first;
    private long consumed;

    public Draws(long seed) {
        this.first = seed;
    }


    public int nextInt() {
        return mix32(++consumed);
    }

    /** In [low, high). Takes two values of the stream and uses the first. */
    public double nextDouble(double low, double high) {
        long bits = mix64(consumed + 1);
        consumed += 2;
        return (bits >>> 11) * 0x1.0p-53 * (high - low) + low;
    }

    /** All 32-bit values drawn, and some more. */
    public List<Integer> ints() {
        List<Integer> values = new ArrayList<>();
        for (long at = 1; at <= consumed + SPARE; at++) {
            values.add(mix32(at));
        }
        return values;
    }

    /** All 64-bit values drawn, and some more. */
    public List<Long> longs() {
        List<Long> values = new ArrayList<>();
        for (long at = 1; at <= consumed + SPARE; at++) {
            values.add(mix64(at));
        }
        return values;
    }

    private int mix32(long at) {
        return (int) (mixed(at) >>> 32);
    }

    private long mix64(long at) {
        long mixed = mixed(at);
        return mixed ^ (mixed >>> 33);
    }

    private long mixed(long at) {
        long z = first + at * GAMMA;
        z = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
        return (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
    }
}
