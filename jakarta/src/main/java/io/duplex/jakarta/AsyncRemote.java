package io.duplex.jakarta;

import jakarta.websocket.EncodeException;
import jakarta.websocket.Encoder;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Sends without waiting. Thread-safe: messages of many threads go one behind the other, and the next may be sent before the one
 * before it has gone.
 */
final class AsyncRemote implements RemoteEndpoint.Async {
    private final EndpointSession session;
    private final Outlet outlet;
    private volatile boolean batchingAllowed;
    private volatile long sendTimeoutMillis;

    AsyncRemote(EndpointSession session, Outlet outlet, long sendTimeoutMillis) {
        this.session = session;
        this.outlet = outlet;
        this.sendTimeoutMillis = sendTimeoutMillis;
    }

    @Override
    public long getSendTimeout() {
        return sendTimeoutMillis;
    }

    @Override
    public void setSendTimeout(long timeout) {
        sendTimeoutMillis = timeout;
    }

    @Override
    public Future<Void> sendText(String text) {
        BasicRemote.required(text, "text");
        session.touch();
        return timed(outlet.textLater(text));
    }

    @Override
    public void sendText(String text, SendHandler handler) {
        BasicRemote.required(handler, "handler");
        BasicRemote.required(text, "text");
        session.touch();
        tell(timed(outlet.textLater(text)), handler);
    }

    @Override
    public Future<Void> sendBinary(ByteBuffer data) {
        BasicRemote.required(data, "data");
        session.touch();
        return timed(outlet.binaryLater(data));
    }

    @Override
    public void sendBinary(ByteBuffer data, SendHandler handler) {
        BasicRemote.required(handler, "handler");
        BasicRemote.required(data, "data");
        session.touch();
        tell(timed(outlet.binaryLater(data)), handler);
    }

    @Override
    public Future<Void> sendObject(Object data) {
        return encodeAndSend(BasicRemote.required(data, "object"));
    }

    @Override
    public void sendObject(Object data, SendHandler handler) {
        BasicRemote.required(handler, "handler");
        tell(encodeAndSend(BasicRemote.required(data, "object")), handler);
    }

    private CompletableFuture<Void> encodeAndSend(Object data) {
        session.touch();
        try {
            Object content = encode(data);
            return timed(
                    content instanceof String text ? outlet.textLater(text) : outlet.binaryLater((ByteBuffer) content));
        } catch (EncodeException | IOException | RuntimeException fault) {
            return CompletableFuture.failedFuture(fault);
        }
    }

    /** The content of the message: a string or a byte buffer. */
    @SuppressWarnings("unchecked") // the encoder is one for the object's class
    private Object encode(Object data) throws EncodeException, IOException {
        Coders.Encoding encoding = session.encodingOf(data);
        if (encoding == null) {
            if (data instanceof ByteBuffer) {
                return data;
            }
            if (data instanceof byte[] bytes) {
                return ByteBuffer.wrap(bytes);
            }
            if (TextValues.isOne(data.getClass())) {
                return data.toString();
            }
            throw new EncodeException(
                    data, "no encoder takes " + data.getClass().getName());
        }
        if (encoding.way() == Encoder.Text.class) {
            return ((Encoder.Text<Object>) encoding.encoder()).encode(data);
        }
        if (encoding.way() == Encoder.Binary.class) {
            return ((Encoder.Binary<Object>) encoding.encoder()).encode(data);
        }
        if (encoding.way() == Encoder.TextStream.class) {
            StringWriter text = new StringWriter();
            ((Encoder.TextStream<Object>) encoding.encoder()).encode(data, text);
            return text.toString();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ((Encoder.BinaryStream<Object>) encoding.encoder()).encode(data, bytes);
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private CompletableFuture<Void> timed(CompletableFuture<Void> sent) {
        long millis = sendTimeoutMillis;
        return millis > 0 && !sent.isDone() ? sent.orTimeout(millis, TimeUnit.MILLISECONDS) : sent;
    }

    /** On a thread that may wait, as applications send the next message from there. */
    private void tell(CompletableFuture<Void> sent, SendHandler handler) {
        sent.whenCompleteAsync(
                (nothing, failure) -> session.inContext(() -> handler.onResult(result(failure))),
                session.setup().settings()::execute);
    }

    private SendResult result(Throwable failure) {
        if (failure == null) {
            return new SendResult(session);
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return new SendResult(session, cause);
    }

    /** Kept for who asks: what one turn of the event loop sends leaves together anyway. */
    @Override
    public void setBatchingAllowed(boolean allowed) {
        batchingAllowed = allowed;
    }

    @Override
    public boolean getBatchingAllowed() {
        return batchingAllowed;
    }

    /** Nothing waits for it. */
    @Override
    public void flushBatch() {}

    @Override
    public void sendPing(ByteBuffer applicationData) throws IOException {
        session.touch();
        outlet.ping(BasicRemote.required(applicationData, "application data"));
    }

    @Override
    public void sendPong(ByteBuffer applicationData) throws IOException {
        session.touch();
        outlet.pong(BasicRemote.required(applicationData, "application data"));
    }
}
