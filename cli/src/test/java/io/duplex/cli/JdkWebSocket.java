package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The JDK's own WebSocket client with a blocking face: it shares no code with ours. */
final class JdkWebSocket implements WebSocket.Listener, AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
    private final WebSocket socket;

    /** How the connection was closed. */
    record Closed(int code, String reason) {}

    private JdkWebSocket(HttpClient client, URI uri) {
        socket = client.newWebSocketBuilder().buildAsync(uri, this).join();
    }

    static JdkWebSocket connect(URI uri) {
        return new JdkWebSocket(HttpClient.newHttpClient(), uri);
    }

    static JdkWebSocket connect(HttpClient client, URI uri) {
        return new JdkWebSocket(client, uri);
    }

    void send(String message) {
        socket.sendText(message, true).join();
    }

    void send(byte[] message) {
        socket.sendBinary(ByteBuffer.wrap(message), true).join();
    }

    String receiveText() throws InterruptedException {
        return (String) receive();
    }

    byte[] receiveBinary() throws InterruptedException {
        return (byte[]) receive();
    }

    Closed receiveClose() throws InterruptedException {
        return (Closed) receive();
    }

    /** Whether something is there already. */
    boolean hasReceived() {
        return !events.isEmpty();
    }

    private Object receive() throws InterruptedException {
        Object event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(event).as("something within %s s", PATIENCE_SECONDS).isNotNull();
        return event;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        text.append(part);
        if (last) {
            events.add(text.toString());
            text.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        binary.writeBytes(bytes);
        if (last) {
            events.add(binary.toByteArray());
            binary.reset();
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        events.add(new Closed(code, reason));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        events.add(error);
    }

    @Override
    public void close() {
        socket.abort();
    }
}
