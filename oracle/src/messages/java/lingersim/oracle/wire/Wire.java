package lingersim.oracle.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lingersim.oracle.world.Cluster;
import lingersim.oracle.world.Result;
import lingersim.oracle.world.Topic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.requests.RequestHeader;

/** Bytes to requests and answers to bytes, in releases whose protocol is generated. */
public final class Wire {
    private Wire() {}

    /** Reads a frame without its length. */
    public static Request read(ByteBuffer frame, Cluster cluster) {
        RequestHeader parsed = RequestHeader.parse(frame);
        short version = parsed.apiVersion();
        Request.Header header = new Request.Header(parsed.apiKey().id, version, parsed.correlationId());
        switch (parsed.apiKey()) {
            case METADATA -> {
                List<String> topics = new ArrayList<>();
                new MetadataRequestData(new ByteBufferAccessor(frame), version).topics().forEach(topic -> topics.add(topic.name()));
                return new Request.Metadata(header, topics);
            }
            case INIT_PRODUCER_ID -> {
                return new Request.InitProducerId(header);
            }
            case PRODUCE -> {
                ProduceRequestData data = new ProduceRequestData(new ByteBufferAccessor(frame), version);
                List<Request.Batch> batches = new ArrayList<>();
                for (ProduceRequestData.TopicProduceData topic : data.topicData()) {
                    String name = ReleaseFields.topicName(topic, cluster);
                    topic.partitionData().forEach(partition ->
                        batches.add(ReleaseRecords.batch(name, partition.index(), partition.records())));
                }
                return new Request.Produce(header, data.acks(), data.timeoutMs(), batches);
            }
            default -> throw new IllegalStateException("a request that the world does not know: " + parsed.apiKey());
        }
    }

    public static ByteBuffer metadata(Request.Metadata request, Cluster cluster) {
        MetadataResponseData data = new MetadataResponseData().setClusterId("cluster").setControllerId(cluster.nodes().get(0));
        for (int node : cluster.nodes()) {
            data.brokers().add(new MetadataResponseData.MetadataResponseBroker()
                .setNodeId(node).setHost(Cluster.host(node)).setPort(Cluster.PORT).setRack(cluster.rack(node)));
        }
        for (String name : request.topics()) {
            MetadataResponseData.MetadataResponseTopic answer = new MetadataResponseData.MetadataResponseTopic().setName(name);
            Topic topic = cluster.topic(name);
            if (topic == null) {
                answer.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
            } else {
                answer.setTopicId(new Uuid(0, topic.id()));
                for (int index = 0; index < topic.partitions().size(); index++) {
                    answer.partitions().add(partition(index, topic.partitions().get(index), cluster));
                }
            }
            data.topics().add(answer);
        }
        return frame(request.header(), data);
    }

    private static MetadataResponseData.MetadataResponsePartition partition(int index, Topic.Partition partition, Cluster cluster) {
        Errors error = partition.leader() < 0 ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE;
        return new MetadataResponseData.MetadataResponsePartition().setErrorCode(error.code()).setPartitionIndex(index)
            .setLeaderId(partition.leader()).setLeaderEpoch(partition.epoch())
            .setReplicaNodes(cluster.nodes()).setIsrNodes(cluster.nodes());
    }

    public static ByteBuffer initProducerId(Request.InitProducerId request, long producerId, Errors error) {
        return frame(request.header(), new InitProducerIdResponseData().setErrorCode(error.code())
            .setProducerId(producerId).setProducerEpoch((short) (producerId < 0 ? -1 : 0)));
    }

    /** One result per batch of the request. */
    public static ByteBuffer produced(Request.Produce request, List<Result> results, Cluster cluster) {
        ProduceResponseData data = new ProduceResponseData();
        Map<String, ProduceResponseData.TopicProduceResponse> topics = new HashMap<>();
        for (int at = 0; at < results.size(); at++) {
            Request.Batch batch = request.batches().get(at);
            Result result = results.get(at);
            ProduceResponseData.PartitionProduceResponse answer = new ProduceResponseData.PartitionProduceResponse()
                .setIndex(batch.partition()).setErrorCode(result.error().code()).setBaseOffset(result.offset());
            result.recordErrors().forEach(index ->
                answer.recordErrors().add(new ProduceResponseData.BatchIndexAndErrorMessage().setBatchIndex(index)));
            if (result.hint() != null) {
                ReleaseFields.hint(data, answer, result.hint(), cluster);
            }
            topics.computeIfAbsent(batch.topic(), name -> {
                ProduceResponseData.TopicProduceResponse topic = ReleaseFields.topicResponse(name, cluster);
                data.responses().add(topic);
                return topic;
            }).partitionResponses().add(answer);
        }
        return frame(request.header(), data);
    }

    private static ByteBuffer frame(Request.Header request, ApiMessage body) {
        ApiKeys api = ApiKeys.forId(request.apiKey());
        ResponseHeaderData header = new ResponseHeaderData().setCorrelationId(request.correlationId());
        short headerVersion = api.responseHeaderVersion(request.version());
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int size = header.size(cache, headerVersion) + body.size(cache, request.version());
        ByteBufferAccessor accessor = new ByteBufferAccessor(ByteBuffer.allocate(size));
        header.write(accessor, cache, headerVersion);
        body.write(accessor, cache, request.version());
        return accessor.buffer().flip();
    }
}
