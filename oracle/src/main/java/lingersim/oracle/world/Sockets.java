package lingersim.oracle.world;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import lingersim.oracle.time.Actor;
import org.apache.kafka.common.network.ChannelState;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.network.Selectable;

/** The client's selector, with the network of the script behind it. The poll is where the sender thread yields. */
public abstract class Sockets implements Selectable {
    private final Network network;
    private final List<Outgoing> outgoing = new ArrayList<>();
    private final Set<String> ready = new HashSet<>();
    private boolean woken;

    private List<String> connected = List.of();
    private List<NetworkReceive> received = List.of();
    private Map<String, ChannelState> disconnected = Map.of();

    private record Outgoing(String connection, Supplier<ByteBuffer> frame, SentBatches batches) {}

    protected Sockets(Network network) {
        this.network = network;
    }

    /** A send that the next poll writes: its bytes are taken then, if there is still a connection. */
    protected final void enqueue(String connection, Supplier<ByteBuffer> frame) {
        outgoing.add(new Outgoing(connection, frame, new SentBatches(network.takeBatches())));
    }

    @Override
    public void connect(String id, InetSocketAddress address, int sendBufferSize, int receiveBufferSize) {
        byte[] host = address.getAddress().getAddress();
        network.connect(id, host[host.length - 1] & 0xff);
    }

    @Override
    public void poll(long timeoutMs) {
        Actor sender = Actor.current();
        try {
            poll(sender, timeoutMs);
        } catch (RuntimeException bug) {
            // The sender would log it and go on.
            throw sender.fail(bug);
        }
    }

    private void poll(Actor sender, long timeoutMs) {
        boolean wrote = write();
        // A poll without timeout takes as long as one of 1 ms: a spinning client would stop the clock.
        sender.pause(() -> wrote || woken || network.hasNews(), sender.after(Math.max(timeoutMs, 1)));
        woken = false;
        connected = network.takeConnected();
        ready.addAll(connected);
        received = new ArrayList<>();
        for (Network.Response response : network.takeResponses()) {
            received.add(new NetworkReceive(response.connection(), response.bytes()));
        }
        disconnected = new LinkedHashMap<>();
        for (String id : network.takeDisconnected()) {
            ready.remove(id);
            disconnected.put(id, ChannelState.LOCAL_CLOSE);
        }
    }

    private boolean write() {
        clearCompletedSends();
        boolean wrote = false;
        for (Outgoing send : outgoing) {
            wrote |= network.write(send.connection, send.frame, send.batches);
        }
        outgoing.clear();
        return wrote;
    }

    /** Forgets the sends that the previous poll has completed. */
    protected abstract void clearCompletedSends();

    @Override
    public void wakeup() {
        woken = true;
    }

    @Override
    public void close() {}

    @Override
    public void close(String id) {
        ready.remove(id);
        outgoing.removeIf(send -> send.connection.equals(id));
        network.close(id);
    }

    @Override
    public List<NetworkReceive> completedReceives() {
        return received;
    }

    @Override
    public Map<String, ChannelState> disconnected() {
        return disconnected;
    }

    @Override
    public List<String> connected() {
        return connected;
    }

    @Override
    public boolean isChannelReady(String id) {
        return ready.contains(id);
    }

    @Override
    public void mute(String id) {}

    @Override
    public void unmute(String id) {}

    @Override
    public void muteAll() {}

    @Override
    public void unmuteAll() {}
}
