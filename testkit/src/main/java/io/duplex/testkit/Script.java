package io.duplex.testkit;

import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.Event;
import io.duplex.protocol.WebSocketProtocol;
import io.duplex.protocol.Workspace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One engine without a network: hex in, events and hex out. With {@link ScriptAssert} a rule of the protocol is a line:
 *
 * <pre>{@code
 * assertThat(server().receive("09 80 00000000")).failsWith(FRAGMENTED_CONTROL_FRAME);
 * }</pre>
 *
 * <p>Settings come before the first act. Input lies between guard bytes, which the engine must not touch, and is overwritten
 * as soon as the engine has taken it: an engine that keeps it is found out. Confined to one thread at a time.
 */
public final class Script {
    private static final int GUARD_BYTES = 16;
    private static final byte GUARD = 0x5A;
    private static final byte SCRIBBLE = (byte) 0xC3;

    private final Role role;
    private Limits limits = Limits.DEFAULT;
    private Delivery delivery = Delivery.WHOLE;
    private @Nullable DeflateParameters compression;
    private PermessageDeflate compressionOptions = PermessageDeflate.DEFAULT;
    private IntSupplier maskingKeys = () -> 0;
    private boolean direct;

    private @Nullable Stage stage;
    private @Nullable ByteBuffer input;
    private final List<String> events = new ArrayList<>();
    private final List<String> joinedEvents = new ArrayList<>();
    private final StringBuilder parts = new StringBuilder();

    /** What exists from the first act on. */
    private record Stage(
            WebSocketProtocol protocol, Workspace workspace, CountingBuffers buffers, RecordedOutgoing outgoing) {}

    private Script(Role role) {
        this.role = role;
    }

    /** A server's engine: it expects masks and sends none. */
    public static Script server() {
        return new Script(Role.SERVER);
    }

    /** A client's engine: it expects no masks. Its masking key is 0 unless told otherwise, so that its payload is readable. */
    public static Script client() {
        return new Script(Role.CLIENT);
    }

    /** Sets the limits. Default: {@link Limits#DEFAULT}. */
    public Script limits(Limits value) {
        requireNoStage();
        limits = value;
        return this;
    }

    /** Messages come in parts. Default: whole. */
    public Script inParts() {
        requireNoStage();
        delivery = Delivery.PARTS;
        return this;
    }

    /**
     * permessage-deflate is in use. Default: it is not.
     *
     * @param agreed what the opening handshake came to
     * @param options level and threshold of what is sent
     */
    public Script compression(DeflateParameters agreed, PermessageDeflate options) {
        requireNoStage();
        compression = agreed;
        compressionOptions = options;
        return this;
    }

    /** Sets where a client's masking keys come from. Default: always 0. */
    public Script maskingKeys(IntSupplier keys) {
        requireNoStage();
        maskingKeys = keys;
        return this;
    }

    /** All buffers are direct. Default: they are on the heap. */
    public Script direct() {
        requireNoStage();
        direct = true;
        return this;
    }

    private void requireNoStage() {
        if (stage != null) {
            throw new IllegalStateException("settings come before the first act");
        }
    }

    private Stage stage() {
        Stage present = stage;
        if (present == null) {
            CountingBuffers buffers = new CountingBuffers(direct);
            RecordedOutgoing outgoing = new RecordedOutgoing(direct);
            Workspace workspace = new Workspace(buffers, maskingKeys, new DeflatePool());
            present = new Stage(
                    new WebSocketProtocol(role, limits, delivery, compression, compressionOptions, workspace, outgoing),
                    workspace,
                    buffers,
                    outgoing);
            stage = present;
        }
        return present;
    }

    /** Bytes come from the peer, in one piece, as {@link Hex#parse} reads them. */
    public Script receive(String hex) {
        return receive(Hex.parse(hex));
    }

    /** Bytes come from the peer, one at a time. */
    public Script receiveBytewise(String hex) {
        return receiveIn(1, Hex.parse(hex));
    }

    /** Bytes come from the peer, {@code pieceBytes} at a time. */
    public Script receiveIn(int pieceBytes, ByteBuffer bytes) {
        ByteBuffer rest = bytes.duplicate();
        while (rest.hasRemaining()) {
            int piece = Math.min(pieceBytes, rest.remaining());
            receive(rest.slice(rest.position(), piece));
            rest.position(rest.position() + piece);
        }
        return this;
    }

    /**
     * Bytes come from the peer, in one piece, from position to limit; the buffer stays as it is.
     *
     * @throws AssertionError if the engine leaves bytes untaken or touches others
     */
    public Script receive(ByteBuffer bytes) {
        int length = bytes.remaining();
        ByteBuffer in = input(GUARD_BYTES + length + GUARD_BYTES);
        for (int i = 0; i < GUARD_BYTES; i++) {
            in.put(i, GUARD).put(GUARD_BYTES + length + i, GUARD);
        }
        in.put(GUARD_BYTES, bytes, bytes.position(), length);
        in.limit(GUARD_BYTES + length).position(GUARD_BYTES);
        WebSocketProtocol protocol = stage().protocol;
        for (Event event = protocol.receive(in); event != null; event = protocol.receive(in)) {
            note(event, protocol);
        }
        checkTaken(in, length);
        for (int i = 0; i < length; i++) {
            in.put(GUARD_BYTES + i, SCRIBBLE);
        }
        return this;
    }

    private ByteBuffer input(int bytes) {
        ByteBuffer present = input;
        if (present == null || present.capacity() < bytes) {
            present = direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
            input = present;
        }
        return present.clear();
    }

    private static void checkTaken(ByteBuffer in, int length) {
        if (in.limit() != GUARD_BYTES + length || in.hasRemaining()) {
            throw new AssertionError("engine left " + in + " of " + length + " bytes");
        }
        in.clear();
        for (int i = 0; i < GUARD_BYTES; i++) {
            if (in.get(i) != GUARD || in.get(GUARD_BYTES + length + i) != GUARD) {
                throw new AssertionError("engine touched bytes that are not its own");
            }
        }
    }

    private void note(Event event, WebSocketProtocol protocol) {
        String hex = Hex.format(protocol.payload());
        switch (event) {
            case TEXT -> noteBoth(line(event.name(), text(hex)));
            case BINARY, PING, PONG -> noteBoth(line(event.name(), hex));
            case TEXT_PART, BINARY_PART -> {
                events.add(line(event.name(), protocol.isLastPart() ? (hex + " last").strip() : hex));
                parts.append(hex);
                if (protocol.isLastPart()) {
                    String whole = parts.toString();
                    parts.setLength(0);
                    joinedEvents.add(event == Event.TEXT_PART ? line("TEXT", text(whole)) : line("BINARY", whole));
                }
            }
            case CLOSE_RECEIVED -> noteBoth(event + " " + protocol.closeReceived());
            case FAILED ->
                noteBoth(event + " "
                        + Objects.requireNonNull(protocol.violation()).name());
        }
    }

    private void noteBoth(String line) {
        events.add(line);
        joinedEvents.add(line);
    }

    private static String line(String name, String content) {
        return content.isEmpty() ? name : name + " " + content;
    }

    private static String text(String hex) {
        return new String(Hex.parse(hex).array(), StandardCharsets.UTF_8);
    }

    /** The transport connection ends. */
    public Script receiveEof() {
        stage().protocol.receiveEof();
        return this;
    }

    /** This side does something: sends, or begins the closing handshake. */
    public Script act(Consumer<WebSocketProtocol> act) {
        act.accept(stage().protocol);
        return this;
    }

    /** The engine ends, if it has not, and gives back all memory. */
    public Script end() {
        stage().protocol.receiveEof();
        stage().workspace.close();
        return this;
    }

    /**
     * What the engine told so far, a line each: its name, then the text, or the payload in hex. So {@code "TEXT hello"},
     * {@code "BINARY 00ff"}, {@code "PING"}, {@code "TEXT_PART 6c6f last"}, {@code "CLOSE_RECEIVED 1000 bye"},
     * {@code "FAILED RESERVED_BIT"}.
     */
    public List<String> events() {
        return List.copyOf(events);
    }

    /** As {@link #events()}, but the parts of a message are one line, that of the whole message, where its end came. */
    public List<String> joinedEvents() {
        return List.copyOf(joinedEvents);
    }

    /** What the engine sent so far, in hex. */
    public String sent() {
        return Hex.format(stage().outgoing.peek());
    }

    /** What the engine sent since this was last called. */
    public ByteBuffer takeSent() {
        return stage().outgoing.take();
    }

    Role role() {
        return role;
    }

    /** The engine. */
    public WebSocketProtocol protocol() {
        return stage().protocol;
    }

    /** The memory that the engine borrows. */
    public CountingBuffers buffers() {
        return stage().buffers;
    }
}
