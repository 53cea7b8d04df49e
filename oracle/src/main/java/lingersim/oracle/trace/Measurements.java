package lingersim.oracle.trace;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** The client's own metrics at the end of a run: those of the whole producer, as far as the release has them. */
public final class Measurements {
    private static final List<String> NAMES = List.of("record-send-total", "record-error-total", "record-retry-total",
        "batch-split-total", "batch-size-avg", "batch-size-max", "record-size-avg", "record-size-max",
        "records-per-request-avg", "record-queue-time-avg", "record-queue-time-max", "request-latency-avg",
        "request-latency-max", "compression-rate-avg", "bufferpool-wait-time-total", "bufferpool-wait-time-ns-total",
        "buffer-total-bytes", "buffer-available-bytes", "buffer-exhausted-total", "waiting-threads", "requests-in-flight",
        "metadata-age", "produce-throttle-time-avg");

    private Measurements() {}

    public static Line of(Map<MetricName, ? extends Metric> metrics) {
        Map<String, Metric> ofProducer = new HashMap<>();
        metrics.forEach((name, metric) -> {
            if (name.group().equals("producer-metrics") && name.tags().size() == 1) {
                ofProducer.put(name.name(), metric);
            }
        });
        Line line = new Line();
        for (String name : NAMES) {
            Metric metric = ofProducer.get(name);
            if (metric != null && metric.metricValue() instanceof Number value) {
                line.put(name, value.doubleValue());
            }
        }
        return line;
    }
}
