package lingersim.oracle.wire;

import org.apache.kafka.common.record.BaseRecords;
import org.apache.kafka.common.record.CompressionRatioEstimator;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MutableRecordBatch;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.Records;

/** Record batches, whose classes have moved between releases. */
public final class ReleaseRecords {
    private ReleaseRecords() {}

    static Request.Batch batch(String topic, int partition, BaseRecords records) {
        MutableRecordBatch batch = (MutableRecordBatch) ((Records) records).batches().iterator().next();
        int raw = -1;
        if (batch.compressionType() != CompressionType.NONE) {
            raw = 0;
            for (Record record : batch) {
                raw += record.sizeInBytes();
            }
        }
        return new Request.Batch(topic, partition, batch.countOrNull(), batch.sizeInBytes(), raw, batch.baseSequence(),
            batch.producerId(), batch.producerEpoch());
    }

    /** The client keeps its estimates by topic name for the life of the process. */
    public static void forgetCompressionRatio(String topic) {
        CompressionRatioEstimator.resetEstimation(topic);
    }
}
