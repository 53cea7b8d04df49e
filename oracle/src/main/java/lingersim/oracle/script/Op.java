package lingersim.oracle.script;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** An operation of an application thread, with its repetitions. */
public record Op(long at, long count, long every, Kind kind, Records records, Long timeoutMs) {
    public enum Kind { SEND, SEND_SYNC, FLUSH, CLOSE }

    static Op read(JsonObject op, long startMs, boolean text) {
        long at = op.get("at").getAsLong();
        long count = op.has("n") ? op.get("n").getAsLong() : 1;
        long every = op.has("every") ? op.get("every").getAsLong() : 0;
        if (op.has("send") || op.has("send_sync")) {
            Kind kind = op.has("send") ? Kind.SEND : Kind.SEND_SYNC;
            Records records = new Records(op.getAsJsonObject(op.has("send") ? "send" : "send_sync"), startMs, text);
            return new Op(at, count, every, kind, records, null);
        }
        if (op.has("flush")) {
            return new Op(at, count, every, Kind.FLUSH, null, null);
        }
        if (op.has("close")) {
            JsonElement timeout = op.getAsJsonObject("close").get("timeout_ms");
            return new Op(at, count, every, Kind.CLOSE, null, timeout == null ? null : timeout.getAsLong());
        }
        throw new IllegalArgumentException("an op that is not known: " + op);
    }

    public long due(long repetition) {
        return at + repetition * every;
    }
}
