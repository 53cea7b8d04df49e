package lingersim.oracle.world;

/** A connection of the client to a broker. */
final class Connection {
    /** The client's name of the node. */
    final String id;
    final int node;
    /** When the newest response becomes available. */
    long lastResponse;
    /** Nothing more is read from it. */
    boolean stuck;
    boolean open = true;

    Connection(String id, int node) {
        this.id = id;
        this.node = node;
    }
}
