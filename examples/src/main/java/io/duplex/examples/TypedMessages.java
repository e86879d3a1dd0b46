package io.duplex.examples;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.duplex.CloseCode;
import io.duplex.DecodeException;
import io.duplex.WebSocketException;
import io.duplex.client.WebSocketClient;
import io.duplex.codec.Codec;
import io.duplex.codec.EncodedMessage;
import io.duplex.codec.SubprotocolHandlers;
import io.duplex.codec.TypedHandler;
import io.duplex.codec.TypedWebSocket;
import io.duplex.jackson.JsonCodec;
import io.duplex.server.RouteOptions;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Values instead of text and bytes. */
final class TypedMessages {
    private TypedMessages() {}

    // tag::messages
    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME)
    sealed interface Chat {
        record Join(String room) implements Chat {}

        record Say(String text) implements Chat {}
    }

    static final Codec<Chat> CHAT = JsonCodec.of(Chat.class);
    // end::messages

    // tag::handler
    static final class ChatRoom implements TypedHandler<Chat> {
        private String room = "lobby";

        @Override
        public void onMessage(TypedWebSocket<Chat> socket, Chat message) {
            if (message instanceof Chat.Join join) {
                room = join.room();
                socket.socket().subscribe(room);
            } else {
                socket.broadcast(room, message);
            }
        }

        @Override
        public void onError(TypedWebSocket<Chat> socket, WebSocketException error) {
            System.err.println(error.getMessage()); // not ...TypedMessages$Chat at line 1, column 9
        }
    }
    // end::handler

    static WebSocketServer server() {
        // tag::server
        return WebSocketServer.builder()
                .route("/chat", handshake -> CHAT.handler(new ChatRoom()))
                .blockingRoute("/echo", CHAT.blocking(socket -> {
                    for (Chat message : socket) {
                        socket.send(message);
                    }
                }))
                .start();
        // end::server
    }

    static void client() {
        // tag::client
        try (var client = WebSocketClient.create();
                var socket = CHAT.over(client.connect("ws://127.0.0.1:8080/chat"))) {
            socket.send(new Chat.Join("java"));
            socket.send(new Chat.Say("hello"));
            System.out.println(socket.receive()); // Say[text=hello]
        }
        // end::client
    }

    static Codec<Chat> strict() {
        // tag::mapper
        JsonMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        return JsonCodec.of(mapper, Chat.class);
        // end::mapper
    }

    // tag::codec
    record Position(double x, double y) {}

    static final class PositionCodec implements Codec<Position> {
        @Override
        public EncodedMessage encode(Position at) {
            return EncodedMessage.binary(
                    ByteBuffer.allocate(16).putDouble(at.x()).putDouble(at.y()).flip());
        }

        @Override
        public Position decodeBinary(ByteBuffer payload) {
            if (payload.remaining() != 16) {
                throw new DecodeException(CloseCode.INVALID_PAYLOAD, payload.remaining() + " bytes, not 16", null);
            }
            return new Position(payload.getDouble(), payload.getDouble());
        }
    }
    // end::codec

    static final Codec<Position> POSITIONS = new PositionCodec();

    static WebSocketServer bySubprotocol() {
        // tag::subprotocol
        return WebSocketServer.builder()
                .route(
                        "/game",
                        RouteOptions.builder()
                                .subprotocols("position.binary", "position.json")
                                .build(),
                        SubprotocolHandlers.builder()
                                .on("position.binary", handshake -> POSITIONS.handler(new Game()))
                                .on(
                                        "position.json",
                                        handshake ->
                                                JsonCodec.of(Position.class).handler(new Game()))
                                .build())
                .start();
        // end::subprotocol
    }

    static void publish(WebSocketServer server) {
        // tag::publish
        server.publishText("java", CHAT.encode(new Chat.Say("good night")).payload());
        // end::publish
    }

    private static final class Game implements TypedHandler<Position> {
        @Override
        public void onMessage(TypedWebSocket<Position> socket, Position at) {
            socket.publish("positions", at);
        }
    }
}
