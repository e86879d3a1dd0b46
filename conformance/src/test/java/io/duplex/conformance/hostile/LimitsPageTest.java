package io.duplex.conformance.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.RateLimits;
import io.duplex.Timeouts;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.engineio.EngineIo;
import io.duplex.polling.Polling;
import io.duplex.server.WebSocketServer;
import io.duplex.socketio.SocketIo;
import io.duplex.sockjs.SockJs;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The numbers of the page of limits are those of the code, also of what is nobody's option. */
class LimitsPageTest {
    private static final Path PAGE = Path.of("").toAbsolutePath().getParent().resolve("docs/reference/limits.md");
    private static final int COLUMNS = 7;

    /** First what stands in words: the test of the budgets' own sizes is theirs. */
    private static final WebSocketHandler NOBODY = new WebSocketHandler() {};

    private static final Map<String, String> IN_WORDS = Map.of(
            "memory for what has come, of a process", "half of the direct memory",
            "memory to inflate with, of a process", "a quarter of the heap",
            "bytes that wait for all peers of a process", "a quarter of the direct memory or the heap",
            "heads beyond 4 Ki that are kept, and bodies that are not answered, of a process", "a quarter of the heap",
            "body of a request to a service", "1 Mi or more");

    private static Map<String, String> page() throws IOException {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("| ") && !line.startsWith("| bound |")) {
                String[] cells = line.split("\\|", -1);
                assertThat(cells).as(line).hasSize(COLUMNS);
                assertThat(cells[4]).as("what happens beyond it: " + line).isNotBlank();
                assertThat(cells[5]).as("why: " + line).isNotBlank();
                assertThat(defaults.put(cells[1].strip(), cells[2].strip())).isNull();
            }
        }
        return defaults;
    }

    private static Map<String, String> code() throws ReflectiveOperationException {
        Limits limits = Limits.DEFAULT;
        Timeouts timeouts = Timeouts.DEFAULT;
        WebSocketServer.Builder server = WebSocketServer.builder();
        Object gates = field(server, "gateOptions");
        WebSocketClient.Builder client = WebSocketClient.builder();
        Map<String, String> code = new LinkedHashMap<>(IN_WORDS);
        code.put(
                "sockets of a server, with 800 MB of heap or more; else one for 8 KiB",
                number(field(gates, "maxConnections")));
        code.put("sockets of an address", number(field(gates, "maxConnectionsPerAddress")));
        code.put("sockets that wait to be accepted", number(constant("transport.LoopGroup", "BACKLOG")));
        code.put(
                "connections that are accepted before those that are open have their turn, with epoll",
                number(constant("transport.EpollAcceptor", "TURN_CONNECTIONS")));
        code.put("accept to 101, TLS included", seconds(timeouts.handshake()));
        code.put("bytes of a head", bytes(limits.maxHeaderBytes()));
        code.put("fields of a head", number(limits.maxHeaderFields()));
        assertThat(constant("server.RequestMemory", "USUAL_HEAD_BYTES")).isEqualTo(4 << 10);
        code.put("bytes that a PROXY header may have", bytes(constant("server.ProxyHeader", "MAX_BYTES")));
        code.put("body of an ordinary request", bytes(constant("server.OrdinaryRoute", "HANDLER_BODY_BYTES")));
        code.put("bytes kept of a refusal's body (client)", bytes(constant("client.ResponseBody", "MAX_BYTES")));
        code.put("connections being made (client)", number(field(client, "maxConnecting")));
        code.put("TCP to one address (client)", seconds((Duration) field(client, "connectTimeout")));
        code.put("an attempt with all its waits (client)", seconds((Duration) field(client, "overallTimeout")));
        code.put("redirects (client)", number(field(client, "maxRedirects")));
        code.put("bytes of a message, inflated", bytes(limits.maxMessageBytes()));
        code.put("bytes of a frame", bytes(limits.maxFrameBytes()));
        code.put("frames of a message", number(limits.maxFragments()));
        code.put("payload of a control frame", number(constant("protocol.WebSocketProtocol", "MAX_CONTROL_BYTES")));
        code.put(
                "blocks with BFINAL in a compressed message",
                number(constant("extension.MessageInflater", "MAX_RESTARTS")));
        code.put(
                "bytes that one read may inflate to in a turn",
                bytes(constant("connection.Intake", "TURN_INFLATED_BYTES")));
        code.put(
                "bytes that all connections of an event loop may inflate to, from tick to tick",
                bytes(constant("connection.Loop", "TICK_INFLATED_BYTES")));
        code.put(
                "half a message, or what its peer does not let us answer, while more than half of it is taken",
                seconds(Duration.ofSeconds(((Number) constant("connection.Intake", "MAX_HELD_SECONDS")).longValue())));
        assertThat(constant("server.ServedExchange", "MAX_HELD_SECONDS"))
                .isEqualTo(constant("connection.Intake", "MAX_HELD_SECONDS"));
        code.put(
                "time that what one read brought may take in a turn",
                ((Number) constant("connection.Loop", "TURN_NANOS")).longValue() / 1_000_000 + " ms");
        code.put(
                "bytes of publications of an event loop that have yet to leave, each counting 1 Ki more",
                bytes(constant("connection.Loop", "PUBLISHED_BACKLOG_BYTES")));
        assertThat(constant("connection.Loop", "PUBLICATION_BYTES")).isEqualTo(1 << 10);
        code.put("bytes of a read", bytes(constant("transport.ReceiveBuffer", "BYTES")));
        assertThat(limits.rates()).isSameAs(RateLimits.NONE);
        code.put(
                "messages, bytes, control frames a second",
                number(limits.rates().messages()));
        code.put("bytes that wait for a peer", bytes(limits.maxQueueBytes()));
        code.put("messages that wait for a peer", number(limits.maxQueueMessages()));
        code.put(
                "bytes that wait, from which on a server's peer is not read from",
                bytes(constant("transport.LoopGroup", "CONGESTED_BYTES")));
        code.put(
                "bytes of publications that wait for an event loop",
                bytes(constant("connection.Loop", "MAX_PUBLISHED_BYTES")));
        code.put(
                "bytes that members of topics are sent in a turn of an event loop",
                bytes(constant("connection.Loop", "TURN_SENT_BYTES")));
        code.put(
                "bytes of publications that come while others wait for such turns",
                bytes(constant("connection.Loop", "MAX_BROUGHT_BYTES")));
        code.put("silence before a Ping", seconds(timeouts.pingInterval()));
        code.put("Ping to the next byte", seconds(timeouts.pong()));
        code.put("silence", seconds(timeouts.idle()));
        code.put("Close frame to the end of TCP", seconds(timeouts.close()));
        code.put("an event loop that a handler keeps busy", seconds((Duration) field(server, "watchdog")));
        code.put(
                "faults of the application in the log, a second",
                number(constant("server.FaultLog", "FAULTS_A_SECOND")));
        code.put(
                "pause of the acceptor that found no file handle",
                seconds(Duration.ofMillis(
                        ((Number) constant("transport.LoopGroup", "ACCEPT_PAUSE_MILLIS")).longValue())));
        putSessions(code);
        return code;
    }

    private static void putSessions(Map<String, String> code) throws ReflectiveOperationException {
        code.put("an ordinary connection between two requests", seconds((Duration)
                constant("server.ServerOpening", "KEEP_ALIVE")));
        code.put(
                "requests of a connection that are answered in a turn",
                number(constant("server.Visitor", "TURN_REQUESTS")));
        code.put(
                "bytes a second that a peer takes of an answer",
                bytes(constant("server.ServedExchange", "LEAST_BYTES_PER_SECOND")));
        Object polling = Polling.builder(handshake -> NOBODY);
        code.put("a session without a request", seconds((Duration) field(polling, "expiry")));
        code.put("a long poll", seconds((Duration) field(polling, "hold")));
        code.put("bytes of an event stream", bytes(field(polling, "maxStreamBytes")));
        code.put(
                "bytes of a WebSocket carrier that wait for a handler",
                bytes(constant("polling.SocketCarrier", "MAX_WAITING_BYTES")));
        code.put(
                "bytes on the way from one event loop to another",
                bytes(constant("polling.session.Crossing", "MOST_BYTES")));
        putPollingClient(code);
        Object engine = EngineIo.builder(handshake -> NOBODY);
        code.put("Engine.IO: answer to the next Ping", seconds((Duration) field(engine, "pingInterval")));
        code.put("Engine.IO: Ping to its answer", seconds((Duration) field(engine, "pingTimeout")));
        code.put("Engine.IO: bytes of a body", number(field(engine, "maxPayload")));
        code.put("Engine.IO: packets of a body", number(constant("engineio.Payload", "MAX_PACKETS")));
        Object sockJs = SockJs.builder("/x", handshake -> NOBODY);
        code.put("SockJS: silence before a heartbeat", seconds((Duration) field(sockJs, "heartbeat")));
        code.put("SockJS: a session without a receiver", seconds((Duration) field(sockJs, "expiry")));
        code.put("SockJS: bytes of a stream", bytes(field(sockJs, "streamBytes")));
        Object socketIo = SocketIo.builder();
        code.put("Socket.IO: time to the first namespace", seconds((Duration) field(socketIo, "connectTimeout")));
        code.put("Socket.IO: attachments of a packet", number(field(socketIo, "maxAttachments")));
        code.put("Socket.IO: bytes of a packet's attachments", bytes(field(socketIo, "maxAttachmentBytes")));
        code.put(
                "Socket.IO: acknowledgements that a client may owe",
                number(constant("socketio.SocketIoSocket", "MAX_PENDING_ACKNOWLEDGEMENTS")));
    }

    private static void putPollingClient(Map<String, String> code) throws ReflectiveOperationException {
        code.put(
                "bytes of what describes a session, or refuses it (client)",
                bytes(constant("polling.ClientOpening", "MAX_BODY_BYTES")));
        code.put("a better carrier that is tried (client)", nanos(constant("polling.CarrierChoice", "ATTEMPT_NANOS")));
        code.put(
                "the same while nothing else receives (client)",
                nanos(constant("polling.CarrierChoice", "LONE_ATTEMPT_NANOS")));
        code.put(
                "bytes of a WebSocket carrier that wait for a handler (client)",
                bytes(constant("polling.ClientSocket", "MAX_WAITING_BYTES")));
        code.put(
                "pause before a better carrier is tried again (client), up to",
                nanos(constant("polling.CarrierChoice", "MOST_RETRY_NANOS")));
        code.put(
                "pause before what broke begins again (client), up to",
                nanos(constant("polling.CarrierChoice", "MOST_PAUSE_NANOS")));
        code.put(
                "an event stream without its first event, a WebSocket carrier without its first block (client)",
                nanos(constant("polling.ClientStream", "PROBE_NANOS")));
        code.put(
                "what a server may ask the client to wait",
                seconds(Duration.ofMillis(((Number) constant("polling.SessionOffer", "MAX_MILLIS")).longValue())));
    }

    private static String nanos(Object value) {
        return seconds(Duration.ofNanos(((Number) value).longValue()));
    }

    private static Object constant(String type, String name) throws ReflectiveOperationException {
        Field field = Class.forName("io.duplex." + type).getDeclaredField(name);
        field.setAccessible(true);
        return field.get(null);
    }

    private static Object field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    private static String number(Object value) {
        return String.valueOf(value);
    }

    private static String seconds(Duration time) {
        return time.toSeconds() + " s";
    }

    private static String bytes(Object value) {
        long bytes = ((Number) value).longValue();
        return bytes % (1 << 20) == 0 ? (bytes >> 20) + " Mi" : (bytes >> 10) + " Ki";
    }

    @Test
    void theNumbersAreThoseOfTheCode() throws Exception {
        assertThat(page()).isEqualTo(code());
    }
}
