package lingersim.oracle.trace;

import java.util.ArrayList;
import java.util.List;

/** What became of each record, and the totals. */
public final class Ledger {
    private enum Fate { SENDING, ACCEPTED, COMPLETED, THROWN }

    private final List<Fate> fates = new ArrayList<>();
    private long ok;
    private long failed;
    private long thrown;
    private long late;
    private long open;

    /** A send is entered: the number of its record. */
    public long enter() {
        fates.add(Fate.SENDING);
        return fates.size() - 1;
    }

    /** Its send has returned. */
    public void accept(long record) {
        if (fates.get((int) record) == Fate.SENDING) {
            fates.set((int) record, Fate.ACCEPTED);
            open++;
        }
    }

    /** Its send has thrown. */
    public void thrown(long record) {
        fates.set((int) record, Fate.THROWN);
        thrown++;
    }

    /** Its callback is called. */
    public void complete(long record, boolean success) {
        switch (fates.get((int) record)) {
            case THROWN, COMPLETED -> {
                late++;
                return;
            }
            case ACCEPTED -> open--;
            case SENDING -> {}
        }
        fates.set((int) record, Fate.COMPLETED);
        if (success) {
            ok++;
        } else {
            failed++;
        }
    }

    public boolean nothingOpen() {
        return open == 0;
    }

    /** Adds the totals to the last line. */
    public Line into(Line line) {
        return line.put("records", fates.size()).put("ok", ok).put("failed", failed).put("thrown", thrown)
            .put("late", late).put("open", open);
    }
}
