package lingersim.oracle.seams;

import java.util.Random;

/** Draws the first of any number of possibilities: the search for the least loaded node starts at the first one. */
public final class FirstOfAll extends Random {
    @Override
    public int nextInt(int bound) {
        return 0;
    }
}
