package io.duplex.servlet;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What every servlet container has: the streams of an upgraded connection, with listeners. */
final class StreamWire implements Wire {
    private static final System.Logger LOGGER = System.getLogger(StreamWire.class.getName());

    private final WebConnection connection;
    private final ServletInputStream in;
    private final ServletOutputStream out;
    private boolean unflushed;

    StreamWire(WebConnection connection) throws IOException {
        this.connection = connection;
        this.in = connection.getInputStream();
        this.out = connection.getOutputStream();
    }

    ServletInputStream in() {
        return in;
    }

    ServletOutputStream out() {
        return out;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        // At the end some containers are ready, and others are not.
        if (in.isFinished()) {
            return -1;
        }
        if (!in.isReady()) {
            return in.isFinished() ? -1 : 0;
        }
        int read = in.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
        if (read > 0) {
            into.position(into.position() + read);
        }
        return read;
    }

    @Override
    public boolean isReady() throws IOException {
        if (!out.isReady()) {
            return false;
        }
        if (unflushed) {
            unflushed = false;
            out.flush();
            return out.isReady();
        }
        return true;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        unflushed = true;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (Exception gone) {
            LOGGER.log(System.Logger.Level.DEBUG, "closing an upgraded connection failed", gone);
        }
    }
}
