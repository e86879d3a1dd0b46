package io.duplex.servlet;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.tomcat.util.net.SocketWrapperBase;

/** A socket of Tomcat that stays with Tomcat: one with TLS, or of another endpoint than NIO. */
final class TomcatWire implements Wire {
    private final SocketWrapperBase<?> socket;
    /** Whether Tomcat is to tell when what it holds back has left. */
    private boolean awaited;

    TomcatWire(SocketWrapperBase<?> socket) {
        this.socket = socket;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = socket.read(false, into);
        if (read == 0) {
            socket.registerReadInterest();
        }
        return read;
    }

    @Override
    public boolean isReady() {
        return !awaited;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        socket.write(false, bytes, offset, length);
        send();
    }

    private void send() throws IOException {
        awaited = socket.flush(false);
        if (awaited) {
            socket.registerWriteInterest();
        }
    }

    /** Tomcat may send more. */
    void onWritable() throws IOException {
        if (awaited) {
            send();
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
