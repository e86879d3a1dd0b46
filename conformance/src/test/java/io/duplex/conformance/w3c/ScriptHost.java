package io.duplex.conformance.w3c;

import io.duplex.client.w3c.Blob;
import io.duplex.client.w3c.BrowserWebSocket;
import io.duplex.client.w3c.DomException;
import io.duplex.client.w3c.Environment;
import io.duplex.client.w3c.Event;
import io.duplex.client.w3c.EventListener;
import io.duplex.client.w3c.ListenerOption;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * What the binding in {@code binding.js} needs of Java: conversions that the engine does not do by itself. Public members are
 * called by scripts. Confined to the thread of the engine.
 */
public final class ScriptHost {
    private final Environment environment;

    ScriptHost(Environment environment) {
        this.environment = environment;
    }

    public BrowserWebSocket connect(String url, Value protocols) {
        List<String> names = new ArrayList<>();
        for (long i = 0; i < protocols.getArraySize(); i++) {
            names.add(protocols.getArrayElement(i).asString());
        }
        return new BrowserWebSocket(environment, url, names.toArray(String[]::new));
    }

    /** The name of a {@link DomException}; {@code null} for all else. */
    public @Nullable String errorName(Object fault) {
        return fault instanceof DomException exception ? exception.name() : null;
    }

    /** A listener that is equal to those of the same function. */
    public EventListener<Event> listener(Value function) {
        return new ScriptListener(function);
    }

    public void add(
            BrowserWebSocket socket, String type, EventListener<Event> listener, boolean capture, boolean once) {
        List<ListenerOption> options = new ArrayList<>();
        if (capture) {
            options.add(ListenerOption.CAPTURE);
        }
        if (once) {
            options.add(ListenerOption.ONCE);
        }
        socket.addEventListener(type, listener, options.toArray(ListenerOption[]::new));
    }

    public void remove(BrowserWebSocket socket, String type, EventListener<Event> listener, boolean capture) {
        socket.removeEventListener(
                type, listener, capture ? new ListenerOption[] {ListenerOption.CAPTURE} : new ListenerOption[0]);
    }

    public void sendText(BrowserWebSocket socket, String text) {
        socket.send(text);
    }

    public void sendBlob(BrowserWebSocket socket, Blob blob) {
        socket.send(blob);
    }

    /** Sends a part of an {@code ArrayBuffer}. */
    public void sendBytes(BrowserWebSocket socket, Value buffer, int offset, int length) {
        socket.send(bytes(buffer, offset, length));
    }

    public Blob blob(Value buffer, int offset, int length, String type) {
        return Blob.of(bytes(buffer, offset, length)).withType(type);
    }

    private static byte[] bytes(Value buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.readBuffer(offset, bytes, 0, length);
        return bytes;
    }

    public byte[] utf8(String text) {
        return Blob.of(text).bytes();
    }

    public boolean isBlob(Object data) {
        return data instanceof Blob;
    }

    public boolean isText(Object data) {
        return data instanceof String;
    }

    public boolean isSame(Object one, Object other) {
        return one.equals(other);
    }

    /** Calls a function of the script. */
    private record ScriptListener(Value function) implements EventListener<Event> {
        @Override
        public void handleEvent(Event event) {
            function.executeVoid(event);
        }
    }
}
