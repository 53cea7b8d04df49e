package lingersim.oracle.wire;

import lingersim.oracle.world.Cluster;
import lingersim.oracle.world.Result;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;

/** Produce in this release: topics by name, answers that can tell the current leader. */
final class ReleaseFields {
    private ReleaseFields() {}

    static String topicName(ProduceRequestData.TopicProduceData topic, Cluster cluster) {
        return topic.name();
    }

    static ProduceResponseData.TopicProduceResponse topicResponse(String name, Cluster cluster) {
        return new ProduceResponseData.TopicProduceResponse().setName(name);
    }

    static void hint(ProduceResponseData data, ProduceResponseData.PartitionProduceResponse answer, Result.Hint hint, Cluster cluster) {
        answer.setCurrentLeader(new ProduceResponseData.LeaderIdAndEpoch().setLeaderId(hint.leader()).setLeaderEpoch(hint.epoch()));
        if (data.nodeEndpoints().find(hint.leader()) == null) {
            data.nodeEndpoints().add(new ProduceResponseData.NodeEndpoint().setNodeId(hint.leader())
                .setHost(Cluster.host(hint.leader())).setPort(Cluster.PORT).setRack(cluster.rack(hint.leader())));
        }
    }
}
