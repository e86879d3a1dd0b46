package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EchoClientIT {
    private static final BlockingQueue<Object> ECHOES = new LinkedBlockingQueue<>();
    private static WebSocketServer server;

    @BeforeAll
    static void start() {
        server = WebSocketServer.builder()
                .port(0)
                .route("/asks", handshake -> new Asker())
                .route("/header", handshake -> new Dismisser(String.valueOf(handshake.header("A"))))
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String url(String path) {
        return "ws://127.0.0.1:" + server.port() + path;
    }

    @Test
    void echoesTextAsTextAndBinaryAsBinary() throws Exception {
        try (DuplexProcess client = DuplexProcess.start("echo-client")) {
            client.type(url("/asks"));
            assertThat(client.line()).isEqualTo(url("/asks") + "\tclosed\t4000\tthank you");
            assertThat(ECHOES.poll(60, TimeUnit.SECONDS)).isEqualTo("grüße");
            assertThat(ECHOES.poll(60, TimeUnit.SECONDS)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            client.endInput();
            assertThat(client.exitStatus()).isZero();
        }
    }

    @Test
    void sendsItsHeaders() throws Exception {
        try (DuplexProcess client = DuplexProcess.start("echo-client", "--header", "A: b: c")) {
            client.type(url("/header"));
            assertThat(client.line()).endsWith("\tclosed\t4001\tb: c");
        }
    }

    @Test
    void goesOnWhateverAServerDoes() throws Exception {
        try (DuplexProcess client = DuplexProcess.start("echo-client")) {
            client.type("not a URL");
            assertThat(client.line()).startsWith("not a URL\trefused\t0\t");
            client.type("");
            client.type(url("/nothing"));
            assertThat(client.line()).startsWith(url("/nothing") + "\trefused\t404\t");
            client.type("ws://127.0.0.1:1/");
            assertThat(client.line())
                    .startsWith("ws://127.0.0.1:1/\trefused\t0\t")
                    .contains("refused by");
            client.type(brokenServer("83 00"));
            assertThat(client.line()).contains("\tfailed\t1002\t", "opcode");
            client.type(brokenServer("81 01 ff"));
            assertThat(client.line()).contains("\tfailed\t1007\t");
            client.type(brokenServer("82 7f 0000000000100001"));
            assertThat(client.line()).contains("\tfailed\t1009\t");
            client.type(brokenServer("81 05 48"));
            assertThat(client.line()).contains("\tfailed\t1006\t");
            client.type(url("/asks"));
            assertThat(client.line()).contains("\tclosed\t4000\t");
            client.endInput();
            assertThat(client.exitStatus()).isZero();
            assertThat(client.remainingLines()).isEmpty();
            assertThat(client.remainingErrorLines()).isEmpty();
        }
    }

    @Test
    void doesNotWaitForAServerThatIsSilent() throws Exception {
        try (DuplexProcess client = DuplexProcess.start("echo-client", "--connect-timeout", "1");
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            client.type("ws://127.0.0.1:" + silent.getLocalPort() + "/");
            assertThat(client.line()).contains("\trefused\t0\t", "timeout");
            client.type("not a URL");
            assertThat(client.line()).startsWith("not a URL\trefused\t0\t");
        }
    }

    /** Serves one connection: a good handshake, then these bytes and the end of TCP. Returns its address. */
    private static String brokenServer(String frames) throws IOException {
        ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread serving = new Thread(() -> {
            try (listening;
                    Socket socket = listening.accept()) {
                String head = readHead(socket.getInputStream());
                socket.getOutputStream().write(acceptance(head, ""));
                socket.getOutputStream().write(HexFormat.of().parseHex(frames.replace(" ", "")));
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException | GeneralSecurityException e) {
                // the client shows what it saw
            }
        });
        serving.setDaemon(true);
        serving.start();
        return "ws://127.0.0.1:" + listening.getLocalPort() + "/";
    }

    static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        return head.toString();
    }

    /** The response that accepts a request with that head, and this extension if it is not empty. */
    static byte[] acceptance(String head, String extension) throws GeneralSecurityException {
        String key = head.replaceAll("(?s).*Sec-WebSocket-Key: (\\S+)\r\n.*", "$1");
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + (extension.isEmpty() ? "" : "Sec-WebSocket-Extensions: " + extension + "\r\n")
                        + "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String accept(String key) throws GeneralSecurityException {
        byte[] hash = MessageDigest.getInstance("SHA-1")
                .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
        return Base64.getEncoder().encodeToString(hash);
    }

    /** Sends two messages, keeps what comes back and says thank you. */
    private static final class Asker implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            socket.send("grüße");
            socket.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        }

        @Override
        public void onText(WebSocket socket, String text) {
            ECHOES.add(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            byte[] copy = new byte[payload.remaining()];
            payload.get(copy);
            ECHOES.add(ByteBuffer.wrap(copy));
            socket.close(4000, "thank you");
        }
    }

    /** Closes at once. */
    private record Dismisser(String reason) implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            socket.close(4001, reason);
        }
    }
}
