package org.apache.kafka.clients.producer;

import java.util.Map;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.producer.internals.ProducerMetadata;
import org.apache.kafka.common.internals.ClusterResourceListeners;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/** How the producer of this release is built around a given clock and network. Everything else is as it builds itself. */
public final class ReleaseProducer {
    private ReleaseProducer() {}

    public static boolean isIdempotent(Map<String, Object> config) {
        return new ProducerConfig(config).getBoolean(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG);
    }

    public static KafkaProducer<byte[], byte[]> create(Map<String, Object> given, Time time, Selectable selector) {
        ProducerConfig config = new ProducerConfig(given);
        LogContext logContext = new LogContext();
        ProducerMetadata metadata = new ProducerMetadata(
            config.getLong(ProducerConfig.RETRY_BACKOFF_MS_CONFIG),
            config.getLong(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG),
            config.getLong(ProducerConfig.METADATA_MAX_AGE_CONFIG),
            config.getLong(ProducerConfig.METADATA_MAX_IDLE_CONFIG),
            logContext, new ClusterResourceListeners(), time);
        metadata.bootstrap(ClientUtils.parseAndValidateAddresses(config));
        ApiVersions apiVersions = new ApiVersions();
        NetworkClient client = new NetworkClient(selector, metadata,
            config.getString(ProducerConfig.CLIENT_ID_CONFIG),
            config.getInt(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION),
            config.getLong(ProducerConfig.RECONNECT_BACKOFF_MS_CONFIG),
            config.getLong(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG),
            config.getInt(ProducerConfig.SEND_BUFFER_CONFIG),
            config.getInt(ProducerConfig.RECEIVE_BUFFER_CONFIG),
            config.getInt(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG),
            config.getLong(ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG),
            config.getLong(ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG),
            time, false, apiVersions, logContext,
            config.getLong(CommonClientConfigs.METADATA_RECOVERY_REBOOTSTRAP_TRIGGER_MS_CONFIG),
            MetadataRecoveryStrategy.forName(config.getString(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG)));
        return new KafkaProducer<>(config, null, null, metadata, client, null, apiVersions, time);
    }
}
