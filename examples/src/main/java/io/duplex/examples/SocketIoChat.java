package io.duplex.examples;

import io.duplex.engineio.EngineIo;
import io.duplex.server.WebSocketServer;
import io.duplex.socketio.ConnectRefusedException;
import io.duplex.socketio.SocketIo;
import io.duplex.socketio.SocketIoSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A chat with rooms for clients of Socket.IO. */
public final class SocketIoChat {
    private SocketIoChat() {}

    // tag::chat
    static final SocketIo CHAT = SocketIo.builder()
            .namespace("/", socket -> {
                socket.on("join", event -> {
                    String room = event.argument(0).asString();
                    socket.join(room);
                    socket.to(room).emit("joined", socket.id());
                    event.acknowledge("welcome to " + room);
                });
                socket.on("say", event -> {
                    for (String room : socket.rooms()) {
                        socket.to(room).emit("said", socket.id(), event.argument(0));
                    }
                });
                socket.onDisconnect(reason -> System.out.println(socket.id() + " left: " + reason));
            })
            .namespace("/admin", SocketIoChat::admit, socket -> {})
            .build();
    // end::chat

    // tag::gate
    static CompletionStage<Void> admit(SocketIoSocket socket) {
        boolean knows = socket.auth() != null
                && socket.auth().path("token").asString("").equals("secret");
        return knows
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(new ConnectRefusedException("not you"));
    }
    // end::gate

    // tag::server
    static WebSocketServer start(int port) {
        return WebSocketServer.builder()
                .port(port)
                .service("/socket.io/**", EngineIo.of(CHAT))
                .start();
    }
    // end::server

    /** Starts it on port 8080. */
    public static void main(String[] arguments) throws InterruptedException {
        start(8080).awaitClose();
    }
}
