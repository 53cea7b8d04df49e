package lingersim.oracle.world;

import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/** What a broker says about a batch. A hint is null unless the answer tells the current leader. */
public record Result(Errors error, long offset, List<Integer> recordErrors, Hint hint) {
    /** Leader and epoch. */
    public record Hint(int leader, int epoch) {}

    static Result appended(long offset) {
        return new Result(Errors.NONE, offset, List.of(), null);
    }

    static Result failed(Errors error) {
        return new Result(error, -1, List.of(), null);
    }

    Result withRecordErrors(List<Integer> indices) {
        return new Result(error, offset, indices, hint);
    }

    Result withHint(Hint leader) {
        return new Result(error, offset, recordErrors, leader);
    }
}
