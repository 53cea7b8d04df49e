package lingersim.oracle.app;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import lingersim.oracle.script.Op;
import lingersim.oracle.time.Actor;
import lingersim.oracle.time.EndOfRun;
import lingersim.oracle.trace.Ledger;
import lingersim.oracle.trace.Trace;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.FutureInsight;

/** An application thread: the ops of the script, one after the other. */
public final class Application implements Runnable {
    private final Actor actor;
    private final List<Op> ops;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Trace trace;
    private final Ledger ledger;

    public Application(Actor actor, List<Op> ops, KafkaProducer<byte[], byte[]> producer, Trace trace, Ledger ledger) {
        this.actor = actor;
        this.ops = ops;
        this.producer = producer;
        this.trace = trace;
        this.ledger = ledger;
    }

    @Override
    public void run() {
        try {
            actor.begin();
            for (Op op : ops) {
                for (long repetition = 0; repetition < op.count(); repetition++) {
                    actor.sleepUntil(op.due(repetition));
                    perform(op, repetition);
                }
            }
            actor.end();
        } catch (EndOfRun over) {
            // The run does not wait for the rest.
        } catch (RuntimeException | Error bug) {
            actor.fail(bug);
        }
    }

    private void perform(Op op, long repetition) {
        switch (op.kind()) {
            case SEND -> send(op, repetition);
            case SEND_SYNC -> {
                Future<RecordMetadata> future = send(op, repetition);
                if (future != null) {
                    await(future);
                }
            }
            case FLUSH -> {
                trace.write(trace.line("flush_begin").put("thread", actor.number()));
                actor.operation("flush");
                producer.flush();
                actor.unblocked();
                trace.write(trace.line("flush_end").put("thread", actor.number()));
            }
            case CLOSE -> {
                trace.write(trace.line("close_begin").put("thread", actor.number()));
                if (op.timeoutMs() == null) {
                    producer.close();
                } else {
                    producer.close(Duration.ofMillis(op.timeoutMs()));
                }
                trace.write(trace.line("close_end").put("thread", actor.number()));
            }
        }
    }

    /** The future of the record, or null if it has not been accepted. */
    private Future<RecordMetadata> send(Op op, long repetition) {
        long number = ledger.enter();
        ProducerRecord<byte[], byte[]> record = op.records().record(repetition, number);
        trace.sendBegins(actor.number(), number);
        Future<RecordMetadata> future;
        try {
            future = producer.send(record, new Completion(trace, ledger, number, record.topic()));
        } catch (RuntimeException exception) {
            ledger.thrown(number);
            trace.sendEnds(actor.number(), number, -1, exception.getClass().getSimpleName());
            return null;
        }
        if (!FutureInsight.isAccepted(future)) {
            trace.sendEnds(actor.number(), number, -1, errorOf(future));
            return null;
        }
        ledger.accept(number);
        trace.sendEnds(actor.number(), number, FutureInsight.partition(future), null);
        return future;
    }

    private void await(Future<RecordMetadata> future) {
        actor.operation("sync");
        errorOf(future);
        actor.unblocked();
    }

    private static String errorOf(Future<RecordMetadata> future) {
        try {
            future.get();
            return null;
        } catch (ExecutionException exception) {
            return exception.getCause().getClass().getSimpleName();
        } catch (InterruptedException interrupted) {
            throw new EndOfRun();
        }
    }
}
