package io.duplex.testkit;

import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.Violation;
import io.duplex.protocol.TransportIntent;
import io.duplex.protocol.WebSocketProtocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a {@link Script}. Needs AssertJ. Confined to one thread at a time. */
public final class ScriptAssert extends AbstractAssert<ScriptAssert, Script> {
    private ScriptAssert(Script actual) {
        super(actual, ScriptAssert.class);
    }

    /** Begins assertions on {@code script}. */
    public static ScriptAssert assertThat(Script script) {
        return new ScriptAssert(script);
    }

    /** All events so far are these, as {@link Script#events()} writes them. */
    public ScriptAssert tells(String... events) {
        return compare("events", actual.events(), List.of(events));
    }

    /** The engine has told nothing. */
    public ScriptAssert tellsNothing() {
        return tells();
    }

    /** All that was sent so far is this, in hex; white space does not count. */
    public ScriptAssert sends(String hex) {
        return compare("bytes sent", actual.sent(), Hex.format(Hex.parse(hex)));
    }

    /** Nothing was sent. */
    public ScriptAssert sendsNothing() {
        return sends("");
    }

    /** The connection is open and nothing is wrong. */
    public ScriptAssert isOpen() {
        compare("transport intent", actual.protocol().transportIntent(), TransportIntent.KEEP_OPEN);
        return compare("state", actual.protocol().state(), ReadyState.OPEN);
    }

    /**
     * The last event is a failure by {@code violation}, the last frame sent a Close with its code and description, and the
     * transport is to be closed.
     */
    public ScriptAssert failsWith(Violation violation) {
        List<String> events = actual.events();
        compare("last event", events.isEmpty() ? "none" : events.get(events.size() - 1), "FAILED " + violation.name());
        WebSocketProtocol protocol = actual.protocol();
        compare("violation", Objects.requireNonNull(protocol.violation()), violation);
        compare("transport intent", protocol.transportIntent(), TransportIntent.CLOSE);
        return sendsCloseLast(new CloseStatus(violation.closeCode(), violation.description()));
    }

    /** The last frame sent is a Close with this status. A client's masking key has to be 0 for it. */
    public ScriptAssert sendsCloseLast(CloseStatus status) {
        compare("close sent", String.valueOf(actual.protocol().closeSent()), status.toString());
        byte[] reason = status.reason().getBytes(StandardCharsets.UTF_8);
        int length = status.equals(CloseStatus.NO_STATUS) ? 0 : 2 + reason.length;
        ByteBuffer frame = ByteBuffer.allocate(6 + 2 + reason.length).put((byte) 0x88);
        if (actual.role() == Role.CLIENT) {
            frame.put((byte) (0x80 | length)).putInt(0);
        } else {
            frame.put((byte) length);
        }
        if (length > 0) {
            frame.putShort((short) status.code()).put(reason);
        }
        String expected = Hex.format(frame.flip());
        if (!actual.sent().endsWith(expected)) {
            failWithMessage("expected <%s> at the end of <%s>", expected, actual.sent());
        }
        return this;
    }

    /** The closing handshake is complete: both sides said these. */
    public ScriptAssert isClosed(CloseStatus sent, CloseStatus received) {
        compare("close sent", String.valueOf(actual.protocol().closeSent()), sent.toString());
        return compare("close received", String.valueOf(actual.protocol().closeReceived()), received.toString());
    }

    /** Once the engine ends, it has given back all memory. */
    public ScriptAssert givesBackAllMemory() {
        return compare("buffers on loan", actual.end().buffers().outstanding(), 0);
    }

    private ScriptAssert compare(String what, Object found, Object expected) {
        if (!found.equals(expected)) {
            throw failureWithActualExpected(found, expected, "%s: expected <%s> but found <%s>", what, expected, found);
        }
        return this;
    }
}
