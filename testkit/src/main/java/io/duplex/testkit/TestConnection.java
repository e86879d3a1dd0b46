package io.duplex.testkit;

import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.Timeouts;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.extension.PermessageDeflate;
import java.time.Duration;
import java.util.List;

/**
 * One connection with the handler under test, opposite a peer that does what the test says. No socket, thread or real clock:
 *
 * <pre>{@code
 * TestConnection connection = TestConnection.open(new EchoHandler());
 * connection.peer().send("Hello");
 * assertThat(connection.peer().received()).containsExactly("text Hello");
 * connection.pass(Duration.ofSeconds(25)); // the keepalive's Ping goes out
 * }</pre>
 *
 * <p>Confined to the test's thread.
 */
public final class TestConnection {
    private final VirtualLoop loop;
    private final RecordingHandler handler;
    private final Connection socket;
    private final TestPeer peer;
    private final MemoryNetwork network;

    private TestConnection(Builder builder) {
        loop = builder.loop;
        network = builder.network;
        handler = new RecordingHandler(builder.handler);
        MemoryPipe toPeer = new MemoryPipe(loop, NobodyReads.INSTANCE);
        MemoryPipe fromPeer = new MemoryPipe(loop, NobodyReads.INSTANCE);
        Role peerRole = builder.role == Role.SERVER ? Role.CLIENT : Role.SERVER;
        socket = network.attach(builder.role, handler, builder.handshake, new MemoryTransport(loop, fromPeer, toPeer));
        peer = new TestPeer(loop, peerRole, toPeer, fromPeer);
        loop.execute(socket::onOpen);
        loop.run();
    }

    /** Opens a server's connection with default limits and timeouts. */
    public static TestConnection open(WebSocketHandler handler) {
        return builder(handler).open();
    }

    /** Starts from the defaults. */
    public static Builder builder(WebSocketHandler handler) {
        return new Builder(handler);
    }

    /** The connection under test. */
    public Connection socket() {
        return socket;
    }

    /** The other end. */
    public TestPeer peer() {
        return peer;
    }

    /** What the handler was told. */
    public RecordingHandler handler() {
        return handler;
    }

    /** What the handler threw, in order. */
    public List<Throwable> faults() {
        return network.faults();
    }

    /** The loop on which all runs. */
    public VirtualLoop loop() {
        return loop;
    }

    /** Runs what is due now. */
    public void run() {
        loop.run();
    }

    /** Lets time pass. */
    public void pass(Duration time) {
        loop.pass(time);
    }

    /** Builds a {@link TestConnection}. Confined to one thread at a time. */
    public static final class Builder {
        private final WebSocketHandler handler;
        private final VirtualLoop loop = new VirtualLoop();
        private final MemoryNetwork network = new MemoryNetwork(loop);
        private Role role = Role.SERVER;
        private Handshake handshake = TestHandshake.of("/");

        private Builder(WebSocketHandler handler) {
            this.handler = handler;
        }

        /** Sets the role of the connection under test; its peer has the other. Default: server. */
        public Builder role(Role side) {
            role = side;
            return this;
        }

        /** Sets the opening handshake. Default: one for {@code /}. */
        public Builder handshake(Handshake completed) {
            handshake = completed;
            return this;
        }

        /** Sets the limits. */
        public Builder limits(Limits limits) {
            network.limits(limits);
            return this;
        }

        /** Sets the timeouts. */
        public Builder timeouts(Timeouts timeouts) {
            network.timeouts(timeouts);
            return this;
        }

        /** Sets what is agreed on permessage-deflate. Default: {@link PermessageDeflate#DISABLED}. */
        public Builder compression(PermessageDeflate options) {
            network.compression(options);
            return this;
        }

        /** Opens the connection. */
        public TestConnection open() {
            return new TestConnection(this);
        }
    }
}
