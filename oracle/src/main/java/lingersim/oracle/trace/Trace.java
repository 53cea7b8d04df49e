package lingersim.oracle.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** The event lines of a run. Sends and callbacks in a row share a line, which is written when something else happens. */
public final class Trace {
    private final LongSupplier now;
    private final StringBuilder lines = new StringBuilder();

    private Sends sends;
    private Completions completions;
    private Call call;

    public Trace(LongSupplier now) {
        this.now = now;
    }

    /** Sends of a thread that have simply returned. */
    private record Sends(long t, int thread, long first, List<Integer> partitions) {}

    /** Callbacks of a partition. */
    private record Completions(long t, String topic, int partition, long offset, List<Long> records, String error) {
        boolean continuedBy(long t, String topic, int partition, long offset, String error) {
            long next = this.offset < 0 ? -1 : this.offset + records.size();
            return this.t == t && this.topic.equals(topic) && this.partition == partition && next == offset
                && (error == null ? this.error == null : error.equals(this.error));
        }
    }

    /** A send that has not returned; it gets a line of its own if something else happens meanwhile. */
    private record Call(long t, int thread, long record) {}

    /** All lines so far. */
    public String text() {
        flush();
        return lines.toString();
    }

    /** Starts a line about now. */
    public Line line(String event) {
        return Line.at(now.getAsLong(), event);
    }

    /** Something has happened. */
    public void write(Line line) {
        flush();
        append(line);
    }

    private void append(Line line) {
        lines.append(line).append('\n');
    }

    private void flush() {
        if (completions != null) {
            Completions done = completions;
            completions = null;
            append(Line.at(done.t, "complete").put("topic", done.topic).put("partition", done.partition)
                .put("offset", done.offset).put("recs", done.records).put("error", done.error));
        }
        if (sends != null) {
            Sends done = sends;
            sends = null;
            append(Line.at(done.t, "send").put("thread", done.thread).put("rec", done.first).put("partitions", done.partitions));
        }
        if (call != null) {
            Call begun = call;
            call = null;
            append(Line.at(begun.t, "send_begin").put("thread", begun.thread).put("rec", begun.record));
        }
    }

    /** A thread calls send. */
    public void sendBegins(int thread, long record) {
        if (completions != null) {
            flush();
        }
        call = new Call(now.getAsLong(), thread, record);
    }

    /** Its send returns, with an error if it is not accepted. */
    public void sendEnds(int thread, long record, int partition, String error) {
        if (call == null || error != null) {
            write(line("send_end").put("thread", thread).put("rec", record).put("partition", partition).put("error", error));
            return;
        }
        Call returned = call;
        call = null;
        if (sends == null || sends.t != returned.t || sends.thread != thread || sends.first + sends.partitions.size() != record) {
            flush();
            sends = new Sends(returned.t, thread, record, new ArrayList<>());
        }
        sends.partitions.add(partition);
    }

    /** The callback of a record is called. */
    public void completed(String topic, int partition, long offset, long record, String error) {
        long t = now.getAsLong();
        if (completions == null || call != null || !completions.continuedBy(t, topic, partition, offset, error)) {
            flush();
            completions = new Completions(t, topic, partition, offset, new ArrayList<>(), error);
        }
        completions.records.add(record);
    }

    public void blocked(int thread, String why) {
        write(line("blocked").put("thread", thread).put("why", why));
    }

    public void unblocked(int thread, String why) {
        write(line("unblocked").put("thread", thread).put("why", why));
    }
}
