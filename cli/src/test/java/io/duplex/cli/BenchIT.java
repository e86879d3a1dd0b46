package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code duplex bench} against a server in the same JVM. */
class BenchIT {
    /** RFC 1951 §3.2.3: not the last block, of codes made for it. */
    private static final int DYNAMIC_CODES = 0b100;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private static final class Echo implements WebSocketHandler {
        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            socket.sendText(utf8);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }

    /** Echoes text in another length. */
    private static final class Liar implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            socket.send(text + "!");
        }
    }

    private int bench(String path, String... options) {
        try (WebSocketServer server = WebSocketServer.builder()
                .port(0)
                .threads(1)
                .route("/echo", handshake -> new Echo())
                .route("/liar", handshake -> new Liar())
                .route("/scrambler", handshake -> new Scrambler())
                .start()) {
            String[] arguments = new String[options.length + 2];
            arguments[0] = "bench";
            arguments[1] = "ws://127.0.0.1:" + server.port() + path;
            System.arraycopy(options, 0, arguments, 2, options.length);
            CommandLine command = Main.commandLine(arguments);
            command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            return command.execute(arguments);
        }
    }

    private Map<String, Double> numbers() throws IOException {
        Map<String, Double> numbers = new HashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(out.toString())) {
            for (JsonToken token; (token = parser.nextToken()) != null; ) {
                if (token.isNumeric()) {
                    numbers.put(parser.currentName(), parser.getDoubleValue());
                }
            }
        }
        return numbers;
    }

    @Test
    void countsTheEchoesOfAllItsConnections() throws IOException {
        int status =
                bench("/echo", "-c", "3", "--in-flight", "4", "--text", "--duration", "2", "--warmup", "0.1", "--json");
        assertThat(status).as(err.toString()).isZero();
        assertThat(numbers().get("messages")).isGreaterThan(100);
        assertThat(numbers().get("p50"))
                .isPositive()
                .isLessThanOrEqualTo(numbers().get("max"));
        assertThat(numbers().get("wrongEchoes")).isZero();
    }

    @Test
    void keepsToTheRate() throws IOException {
        int status = bench("/echo", "-c", "2", "--rate", "500", "--duration", "3", "--warmup", "0.2", "--json");
        assertThat(status).as(err.toString()).isZero();
        assertThat(numbers().get("messages")).isBetween(300.0, 3000.0);
    }

    @Test
    void compressesWhenToldTo() {
        int status = bench("/echo", "-c", "1", "--size", "4k", "--compression", "--duration", "2", "--warmup", "0");
        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString()).contains("messages/s", "latency");
        assertThat(err.toString()).doesNotContain("go plain");
    }

    @Test
    void compressesAsBrowsersDo() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FutureTask<byte[]> first = new FutureTask<>(() -> firstMessage(listening));
            Thread serving = new Thread(first);
            serving.setDaemon(true);
            serving.start();
            String url = "ws://127.0.0.1:" + listening.getLocalPort();
            String[] arguments = {
                "bench", url, "-c", "1", "--size", "1k", "--text", "--compression", "--duration", "60", "--warmup", "0"
            };
            CommandLine command = Main.commandLine(arguments);
            command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
            assertThat(command.execute(arguments)).as("a connection was lost").isEqualTo(1);
            byte[] message = first.get();
            assertThat(message[0] & 0b111).isEqualTo(DYNAMIC_CODES);
            Inflater inflater = new Inflater(true);
            inflater.setInput(message);
            byte[] text = new byte[2048];
            assertThat(inflater.inflate(text)).isEqualTo(1024);
            inflater.end();
            assertThat(new String(text, 0, 1024, StandardCharsets.US_ASCII)).startsWith("[{\"id\":");
        }
    }

    /** Opens a connection as servers do that keep contexts, answers the Ping and takes the first message, compressed. */
    private static byte[] firstMessage(ServerSocket listening) throws IOException, GeneralSecurityException {
        try (Socket socket = listening.accept()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            String head = EchoClientIT.readHead(in);
            assertThat(head).contains("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
            socket.getOutputStream().write(EchoClientIT.acceptance(head, "permessage-deflate"));
            in.skipNBytes(6);
            socket.getOutputStream().write(new byte[] {(byte) 0x8A, 0});
            assertThat(in.readUnsignedShort())
                    .as("compressed text, masked, of a two-byte length")
                    .isEqualTo(0xC1FE);
            byte[] payload = new byte[in.readUnsignedShort()];
            byte[] key = in.readNBytes(4);
            in.readFully(payload);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= key[i & 3];
            }
            return payload;
        }
    }

    @Test
    void failsOnAnEchoThatDiffers() {
        assertThat(bench("/liar", "-c", "1", "--text", "--duration", "2", "--warmup", "0"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("wrong echoes");
    }

    /** Echoes as many bytes, but other ones. */
    private static final class Scrambler implements WebSocketHandler {
        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(ByteBuffer.allocate(payload.remaining()));
        }
    }

    @Test
    void looksIntoSomeOfTheEchoes() {
        assertThat(bench("/scrambler", "-c", "1", "--duration", "2", "--warmup", "0"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("wrong echoes");
    }

    @Test
    void tellsWhatTheServerCosts() throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        assertThat(bench("/echo", "-c", "1", "--duration", "0.5", "--warmup", "0.1", "--pid", pid, "--json"))
                .as(err.toString())
                .isZero();
        assertThat(numbers().get("serverCpuMicrosPerMessage")).isPositive();
        assertThat(numbers().get("ownCpus")).isPositive();
    }

    @Test
    void refusesAProcessThatIsNotThere() {
        assertThat(bench("/echo", "--pid", Integer.toString(Integer.MAX_VALUE))).isEqualTo(Main.USAGE);
        assertThat(err.toString()).contains("--pid");
    }

    @Test
    void saysIfTheServerDoesNotKeepUp() {
        int status = bench("/echo", "-c", "1", "--rate", "100000000", "--duration", "0.3", "--warmup", "0");
        assertThat(status).as(err.toString()).isZero();
        assertThat(err.toString()).contains("did not keep up");
    }

    @Test
    void saysWhyItCannotConnect() {
        assertThat(bench("/nowhere", "--duration", "0.2")).isEqualTo(1);
        assertThat(err.toString()).contains("404");
    }

    @Test
    void refusesNumbersThatMakeNoSense() {
        assertThat(bench("/echo", "--connections", "0")).isEqualTo(Main.USAGE);
    }
}
