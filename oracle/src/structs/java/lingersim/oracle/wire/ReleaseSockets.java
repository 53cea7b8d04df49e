package lingersim.oracle.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayList;
import java.util.List;
import lingersim.oracle.world.Network;
import lingersim.oracle.world.Sockets;
import org.apache.kafka.common.network.Send;

/** The part of the selector whose signatures have changed between releases: sends. */
public final class ReleaseSockets extends Sockets {
    private List<Send> completed = new ArrayList<>();

    public ReleaseSockets(Network network) {
        super(network);
    }

    @Override
    public void send(Send send) {
        enqueue(send.destination(), () -> {
            completed.add(send);
            return bytes(send);
        });
    }

    @Override
    protected void clearCompletedSends() {
        completed = new ArrayList<>();
    }

    @Override
    public List<Send> completedSends() {
        return completed;
    }

    private static ByteBuffer bytes(Send send) {
        Buffer buffer = new Buffer((int) send.size());
        try {
            while (!send.completed()) {
                send.writeTo(buffer);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return buffer.bytes.flip();
    }

    /** A channel that takes everything. */
    private record Buffer(ByteBuffer bytes) implements GatheringByteChannel {
        Buffer(int size) {
            this(ByteBuffer.allocate(size));
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long written = 0;
            for (int at = offset; at < offset + length; at++) {
                written += write(sources[at]);
            }
            return written;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            bytes.put(source);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
