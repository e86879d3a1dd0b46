package io.duplex.examples;

import io.duplex.BlockingWebSocket;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.MessageStream;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Messages that are too big to be held. */
final class BigMessages {
    private BigMessages() {}

    static WebSocketServer server(Path directory) {
        // tag::server
        return WebSocketServer.builder()
                .limits(Limits.builder().maxStreamBytes(10L << 30).build()) // whole messages keep their limit, 1 MiB
                .blockingRoute("/upload/{name}", socket -> receive(socket, directory))
                .start();
        // end::server
    }

    // tag::receive
    static void receive(BlockingWebSocket socket, Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "upload", ""); // never a name that the peer chose
        try (MessageStream upload = socket.receiveStream()) {
            if (upload != null) { // null: the peer has closed the connection
                long length = Files.copy(upload.bytes(), file, StandardCopyOption.REPLACE_EXISTING);
                socket.send("stored " + length + " bytes");
            }
        }
    }
    // end::receive

    // tag::send
    static void send(BlockingWebSocket socket, Path file) throws IOException {
        socket.sendBinaryStream(out -> Files.copy(file, out));
    }
    // end::send

    // tag::text
    static void export(BlockingWebSocket socket, Iterable<String> rows) throws IOException {
        socket.sendTextStream(writer -> {
            for (String row : rows) {
                writer.write(row);
                writer.write('\n');
            }
        });
    }

    static int importRows(BlockingWebSocket socket) throws IOException {
        int rows = 0;
        try (MessageStream message = socket.receiveStream()) {
            if (message != null && message.isText()) {
                BufferedReader lines = new BufferedReader(message.text());
                while (lines.readLine() != null) {
                    rows++;
                }
            }
        }
        return rows;
    }
    // end::text

    // tag::turns
    static void command(BlockingWebSocket socket, Path directory) throws IOException {
        for (Message message : socket) {
            if (message instanceof Message.Text text && text.data().equals("upload")) {
                receive(socket, directory); // the next message; those before and behind it come whole
            }
        }
    }
    // end::turns

    // tag::parts
    static final class Checksum implements WebSocketHandler {
        private long sum;

        @Override
        public Delivery delivery() {
            return Delivery.PARTS;
        }

        @Override
        public void onBinaryPart(WebSocket socket, ByteBuffer part, boolean last) {
            while (part.hasRemaining()) {
                sum += part.get();
            }
            if (last) {
                socket.send("checksum " + sum);
                sum = 0;
            }
        }
    }
    // end::parts
}
