package io.duplex.conformance.soak;

import io.duplex.BlockingWebSocket;
import io.duplex.ConnectionClosedException;
import io.duplex.Handshake;
import io.duplex.Message;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.WebSocketServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The server of a soak run, in a process of its own. It prints its port, then answers each line of its input: {@code sample}
 * with a {@link Sample}, {@code publish TOPIC TEXT} with {@code published}. It ends with its input.
 */
public final class SoakServer {
    /** What a peer sends to have the server close. */
    static final String BYE = "bye";

    private SoakServer() {}

    /** Runs until the input ends. */
    public static void main(String[] args) throws IOException {
        LogWatch log = LogWatch.install();
        PermessageDeflate anyContext =
                PermessageDeflate.builder().serverNoContextTakeover(false).build();
        try (WebSocketServer server = WebSocketServer.builder()
                .port(0)
                .compression(anyContext)
                .route("/topic/{topic}", Echo::new)
                .blockingRoute("/blocking", SoakServer::echo)
                .start()) {
            System.out.println(server.port());
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String command; (command = commands.readLine()) != null; ) {
                System.out.println(answer(server, log, command));
            }
        }
    }

    private static String answer(WebSocketServer server, LogWatch log, String command) throws IOException {
        if (command.equals("sample")) {
            return Sample.take(server.connections(), log).toLine();
        }
        String[] words = command.split(" ", 3);
        server.publish(words[1], words[2]);
        return "published";
    }

    private static void echo(BlockingWebSocket socket) {
        try {
            for (Message message : socket) {
                if (message instanceof Message.Binary binary) {
                    socket.send(binary.payload());
                } else if (message instanceof Message.Text text && !text.data().equals(BYE)) {
                    socket.send(text.data());
                } else {
                    return; // and so closes
                }
            }
        } catch (ConnectionClosedException aborted) {
            return; // as some peers do
        }
    }

    /** Sends back what comes, and is in its topic. */
    private static final class Echo implements WebSocketHandler {
        private final String topic;

        Echo(Handshake handshake) {
            topic = handshake.pathParameter("topic");
        }

        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe(topic);
        }

        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            if (utf8.remaining() == BYE.length() && utf8.get(utf8.position()) == BYE.charAt(0)) {
                socket.close();
            } else {
                socket.sendText(utf8);
            }
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }
}
