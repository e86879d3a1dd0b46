package io.duplex.polling;

import io.duplex.polling.ClientWire.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The connections of one client, and how its requests fared. Thread-safe. */
final class ClientWires implements AutoCloseable {
    private final int port;
    private final Set<ClientWire> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean closed;

    ClientWires(int port) {
        this.port = port;
    }

    /** Requests of HTTP and opening handshakes, those included that the network broke. */
    long requests() {
        return requests.get();
    }

    /** How often the network broke something that the client was at. */
    long failures() {
        return failures.get();
    }

    boolean isClosed() {
        return closed;
    }

    /** A connection for one request, or for the first of many. */
    ClientWire connect() throws IOException {
        ClientWire wire = new ClientWire(port);
        open.add(wire);
        if (closed) {
            leave(wire);
            throw new IOException("the client has left");
        }
        return wire;
    }

    void leave(ClientWire wire) {
        open.remove(wire);
        wire.close();
    }

    void countRequest() {
        requests.incrementAndGet();
    }

    void countFailure() {
        failures.incrementAndGet();
    }

    @Override
    public void close() {
        closed = true;
        open.forEach(ClientWire::close);
    }

    /** @param fields of each request, each with its line's end */
    Requests requests(String fields) {
        return new Requests(fields);
    }

    /** Requests one after another over one connection, and over another when that was cut. Confined to one thread but for {@link #leave}. */
    final class Requests {
        private final String fields;
        private volatile @Nullable ClientWire wire;

        private Requests(String fields) {
            this.fields = fields;
        }

        Answer once(String method, String target, ByteBuffer body) throws IOException {
            countRequest();
            ClientWire by = wire;
            if (by == null) {
                by = connect();
                wire = by;
            }
            try {
                by.request(method, target, fields, body);
                return by.answer();
            } catch (IOException cut) {
                wire = null;
                ClientWires.this.leave(by);
                throw cut;
            }
        }

        /** Repeats a request, as it is, until there is an answer. */
        Answer untilAnswered(String method, String target, ByteBuffer body) throws IOException {
            while (true) {
                try {
                    return once(method, target, body);
                } catch (IOException cut) {
                    if (closed) {
                        throw cut;
                    }
                    countFailure();
                }
            }
        }

        /** Breaks off what is under way. Thread-safe. */
        void leave() {
            ClientWire by = wire;
            if (by != null) {
                ClientWires.this.leave(by);
            }
        }
    }
}
