package lingersim.oracle.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lingersim.oracle.world.Cluster;
import lingersim.oracle.world.Result;
import lingersim.oracle.world.Topic;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.record.BaseRecords;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/** Bytes to requests and answers to bytes, in releases with hand-written protocol structures. */
public final class Wire {
    private Wire() {}

    /** Reads a frame without its length. */
    public static Request read(ByteBuffer frame, Cluster cluster) {
        // The header's parser rewinds to the start of its buffer.
        ByteBuffer body = frame.slice();
        RequestHeader parsed = RequestHeader.parse(body);
        short version = parsed.apiVersion();
        Request.Header header = new Request.Header(parsed.apiKey().id, version, parsed.correlationId());
        Struct struct = parsed.apiKey().parseRequest(version, body);
        switch (parsed.apiKey()) {
            case METADATA -> {
                List<String> topics = new ArrayList<>();
                new MetadataRequestData(struct, version).topics().forEach(topic -> topics.add(topic.name()));
                return new Request.Metadata(header, topics);
            }
            case INIT_PRODUCER_ID -> {
                return new Request.InitProducerId(header);
            }
            case PRODUCE -> {
                List<Request.Batch> batches = new ArrayList<>();
                for (Object topic : struct.getArray("topic_data")) {
                    String name = ((Struct) topic).getString("topic");
                    for (Object partition : ((Struct) topic).getArray("data")) {
                        BaseRecords records = ((Struct) partition).getRecords("record_set");
                        batches.add(ReleaseRecords.batch(name, ((Struct) partition).getInt("partition"), records));
                    }
                }
                return new Request.Produce(header, struct.getShort("acks"), struct.getInt("timeout"), batches);
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
                for (int index = 0; index < topic.partitions().size(); index++) {
                    answer.partitions().add(partition(index, topic.partitions().get(index), cluster));
                }
            }
            data.topics().add(answer);
        }
        return frame(request.header(), data.toStruct(request.header().version()));
    }

    private static MetadataResponseData.MetadataResponsePartition partition(int index, Topic.Partition partition, Cluster cluster) {
        Errors error = partition.leader() < 0 ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE;
        return new MetadataResponseData.MetadataResponsePartition().setErrorCode(error.code()).setPartitionIndex(index)
            .setLeaderId(partition.leader()).setLeaderEpoch(partition.epoch())
            .setReplicaNodes(cluster.nodes()).setIsrNodes(cluster.nodes()).setOfflineReplicas(List.of());
    }

    public static ByteBuffer initProducerId(Request.InitProducerId request, long producerId, Errors error) {
        InitProducerIdResponseData data = new InitProducerIdResponseData().setErrorCode(error.code())
            .setProducerId(producerId).setProducerEpoch((short) (producerId < 0 ? -1 : 0));
        return frame(request.header(), data.toStruct(request.header().version()));
    }

    /** One result per batch of the request. This release has no fields for rejected records and current leaders. */
    public static ByteBuffer produced(Request.Produce request, List<Result> results, Cluster cluster) {
        Map<TopicPartition, ProduceResponse.PartitionResponse> answers = new LinkedHashMap<>();
        for (int at = 0; at < results.size(); at++) {
            Request.Batch batch = request.batches().get(at);
            answers.put(new TopicPartition(batch.topic(), batch.partition()),
                new ProduceResponse.PartitionResponse(results.get(at).error(), results.get(at).offset(), -1, -1));
        }
        // It groups the partitions by topic, as brokers of that time do: by hash.
        return new ProduceResponse(answers).serialize(request.header().version(), new ResponseHeader(request.header().correlationId()));
    }

    private static ByteBuffer frame(Request.Header request, Struct body) {
        Struct header = new ResponseHeader(request.correlationId()).toStruct();
        ByteBuffer buffer = ByteBuffer.allocate(header.sizeOf() + body.sizeOf());
        header.writeTo(buffer);
        body.writeTo(buffer);
        return buffer.flip();
    }
}
