package lingersim.oracle.time;

/** Unwinds the threads of a run that is over. An error: the client survives exceptions. */
public final class EndOfRun extends Error {
    public EndOfRun() {
        super("the run is over", null, false, false);
    }
}
