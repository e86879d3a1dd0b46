package io.duplex.jakarta;

import jakarta.websocket.EncodeException;
import jakarta.websocket.Encoder;
import jakarta.websocket.RemoteEndpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.ByteBuffer;

/**
 * Sends, and waits while the peer does not read. Thread-safe: messages of many threads go one behind the other. A message in parts
 * belongs to the thread that begins it, or to the session in one of whose callbacks it begins; one that is written as a stream
 * belongs to the stream.
 */
final class BasicRemote implements RemoteEndpoint.Basic {
    private final EndpointSession session;
    private final Outlet outlet;
    private volatile boolean batchingAllowed;

    BasicRemote(EndpointSession session, Outlet outlet) {
        this.session = session;
        this.outlet = outlet;
    }

    static <T> T required(T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is null");
        }
        return value;
    }

    @Override
    public void sendText(String text) throws IOException {
        session.touch();
        outlet.text(required(text, "text"));
    }

    @Override
    public void sendBinary(ByteBuffer data) throws IOException {
        session.touch();
        outlet.binary(required(data, "data"));
    }

    @Override
    public void sendText(String part, boolean isLast) throws IOException {
        session.touch();
        outlet.textPart(Callbacks.caller(), required(part, "part"), isLast);
    }

    @Override
    public void sendBinary(ByteBuffer part, boolean isLast) throws IOException {
        session.touch();
        outlet.binaryPart(Callbacks.caller(), required(part, "part"), isLast);
    }

    @Override
    public OutputStream getSendStream() {
        session.touch();
        return new MessageOutput(outlet);
    }

    @Override
    public Writer getSendWriter() {
        session.touch();
        return new MessageWriter(outlet);
    }

    @Override
    @SuppressWarnings("unchecked") // the encoder is one for the object's class
    public void sendObject(Object data) throws IOException, EncodeException {
        Coders.Encoding encoding = session.encodingOf(required(data, "object"));
        if (encoding == null) {
            sendPlain(data);
        } else if (encoding.way() == Encoder.Text.class) {
            sendText(((Encoder.Text<Object>) encoding.encoder()).encode(data));
        } else if (encoding.way() == Encoder.Binary.class) {
            sendBinary(((Encoder.Binary<Object>) encoding.encoder()).encode(data));
        } else if (encoding.way() == Encoder.TextStream.class) {
            MessageWriter writer = new MessageWriter(outlet);
            try {
                ((Encoder.TextStream<Object>) encoding.encoder()).encode(data, writer);
            } catch (Throwable fault) {
                writer.abandon();
                throw fault;
            }
            writer.close();
        } else {
            MessageOutput stream = new MessageOutput(outlet);
            try {
                ((Encoder.BinaryStream<Object>) encoding.encoder()).encode(data, stream);
            } catch (Throwable fault) {
                stream.abandon();
                throw fault;
            }
            stream.close();
        }
    }

    private void sendPlain(Object data) throws IOException, EncodeException {
        if (data instanceof ByteBuffer bytes) {
            sendBinary(bytes);
        } else if (data instanceof byte[] bytes) {
            sendBinary(ByteBuffer.wrap(bytes));
        } else if (TextValues.isOne(data.getClass())) {
            sendText(data.toString());
        } else {
            throw new EncodeException(
                    data, "no encoder takes " + data.getClass().getName());
        }
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
        outlet.ping(required(applicationData, "application data"));
    }

    @Override
    public void sendPong(ByteBuffer applicationData) throws IOException {
        session.touch();
        outlet.pong(required(applicationData, "application data"));
    }
}
