package lingersim.oracle.wire;

import org.apache.kafka.common.protocol.Errors;

/** Errors by the names of scripts and traces, which are those of the newest release. */
public final class ErrorCodes {
    private static final String NEW_NAME = "NOT_LEADER_OR_FOLLOWER";
    private static final String OLD_NAME = "NOT_LEADER_FOR_PARTITION";

    private ErrorCodes() {}

    public static Errors of(String name) {
        for (Errors error : Errors.values()) {
            if (name(error).equals(name)) {
                return error;
            }
        }
        throw new IllegalArgumentException("this release does not know the error " + name);
    }

    public static String name(Errors error) {
        return error.name().equals(OLD_NAME) ? NEW_NAME : error.name();
    }

    /** For a trace: null if there is none. */
    public static String nameOrNull(Errors error) {
        return error == Errors.NONE ? null : name(error);
    }
}
