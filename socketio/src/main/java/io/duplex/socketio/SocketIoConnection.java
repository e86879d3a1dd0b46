package io.duplex.socketio;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.Loop;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One session of a client, with its sockets in some namespaces. */
final class SocketIoConnection implements WebSocketHandler {
    private final SocketIo server;
    private final PacketDecoder decoder;
    /** By namespace; also those whose gate has yet to decide. */
    private final Map<String, SocketIoSocket> sockets = new ConcurrentHashMap<>(2);

    private @Nullable WebSocket webSocket;
    private @Nullable CompletableFuture<Void> deadline;
    private volatile boolean closed;

    SocketIoConnection(SocketIo server) {
        this.server = server;
        this.decoder = new PacketDecoder(server.mapper(), server.maxAttachments(), server.maxAttachmentBytes());
    }

    WebSocket webSocket() {
        return Objects.requireNonNull(webSocket);
    }

    ObjectMapper mapper() {
        return server.mapper();
    }

    @Override
    public void onOpen(WebSocket opened) {
        webSocket = opened;
        deadline = server.afterConnectTimeout(() -> {
            if (sockets.isEmpty()) {
                opened.close(CloseCode.POLICY_VIOLATION, "no namespace was connected to in time");
            }
        });
    }

    @Override
    public void onText(WebSocket from, String text) {
        try {
            take(decoder.text(text));
        } catch (PacketFault fault) {
            end(fault);
        }
    }

    @Override
    public void onBinary(WebSocket from, ByteBuffer payload) {
        try {
            take(decoder.binary(payload));
        } catch (PacketFault fault) {
            end(fault);
        }
    }

    private void end(PacketFault fault) {
        webSocket().close(CloseCode.POLICY_VIOLATION, "parse error: " + fault.getMessage());
    }

    private void take(@Nullable Packet packet) throws PacketFault {
        if (packet == null) {
            return;
        }
        if (packet.type() == PacketType.CONNECT) {
            connect(packet.namespace(), packet.data());
            return;
        }
        SocketIoSocket socket = sockets.get(packet.namespace());
        if (socket == null || !socket.isConnected()) {
            return; // it may have been disconnected while the packet was under way
        }
        if (packet.type() == PacketType.DISCONNECT) {
            if (!socket.isUndecided()) {
                sockets.remove(packet.namespace(), socket);
            }
            socket.end("client namespace disconnect");
        } else {
            socket.receive(packet);
        }
    }

    // Connecting

    private void connect(String name, @Nullable JsonNode auth) throws PacketFault {
        Namespace namespace = server.namespace(name);
        if (namespace == null) {
            refuse(name, "Invalid namespace", null);
            return;
        }
        SocketIoSocket socket = new SocketIoSocket(this, namespace, server.newId(), auth);
        if (sockets.putIfAbsent(name, socket) != null) {
            throw new PacketFault("a namespace is connected to already");
        }
        CompletionStage<?> decision;
        try {
            decision = namespace.ask(socket);
        } catch (Throwable fault) {
            decision = CompletableFuture.failedFuture(fault);
        }
        if (decision == null) {
            accept(socket);
        } else {
            // The application is called on the loop only, whoever completes its gate.
            decision.whenComplete((nothing, fault) -> loop().execute(() -> onLoop(() -> decided(socket, fault))));
        }
    }

    private Loop loop() {
        return ((Connection) webSocket()).loop();
    }

    private void onLoop(Runnable task) {
        try {
            task.run();
        } catch (Throwable fault) {
            ((Connection) webSocket()).fail(fault);
        }
    }

    private void decided(SocketIoSocket socket, @Nullable Throwable fault) {
        if (fault == null) {
            accept(socket);
            return;
        }
        sockets.remove(socket.namespace().name(), socket);
        webSocket().resume();
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        if (cause instanceof ConnectRefusedException refusal) {
            refuse(socket.namespace().name(), String.valueOf(refusal.getMessage()), refusal.data());
        } else {
            server.logFault(cause);
            refuse(socket.namespace().name(), "internal error", null);
        }
    }

    private void accept(SocketIoSocket socket) {
        if (closed || !socket.isConnected()) {
            sockets.remove(socket.namespace().name(), socket);
            webSocket().resume();
            return;
        }
        Namespace namespace = socket.namespace();
        ObjectNode data = JsonNodeFactory.instance.objectNode().put("sid", socket.id());
        // The client is to hear of it before it gets what others send to all.
        send(EncodedPacket.of(new Packet(PacketType.CONNECT, namespace.name(), Packet.NO_ID, data), mapper()));
        namespace.enter(socket);
        if (closed) {
            socket.end("transport close");
        }
        if (socket.isConnected()) {
            namespace.tellConnected(socket);
            socket.takeEarly();
        } else {
            namespace.leaveAll(socket);
        }
    }

    private void refuse(String name, String message, @Nullable JsonNode details) {
        ObjectNode data = JsonNodeFactory.instance.objectNode().put("message", message);
        if (details != null) {
            data.set("data", details);
        }
        send(EncodedPacket.of(new Packet(PacketType.CONNECT_ERROR, name, Packet.NO_ID, data), mapper()));
    }

    // Sending

    /** Attachments follow their packet at once: nothing may come between. */
    synchronized SendStatus send(EncodedPacket packet) {
        WebSocket socket = webSocket();
        SendStatus status = socket.send(packet.text());
        if (status == SendStatus.REFUSED) {
            return status;
        }
        for (byte[] attachment : packet.attachments()) {
            status = socket.send(ByteBuffer.wrap(attachment));
        }
        return status;
    }

    void left(SocketIoSocket socket) {
        sockets.remove(socket.namespace().name(), socket);
    }

    @Override
    public void onClose(WebSocket from, CloseOutcome outcome) {
        closed = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        String reason = outcome.closedBy() == CloseOutcome.ClosedBy.TIMEOUT ? "ping timeout" : "transport close";
        for (SocketIoSocket socket : sockets.values()) {
            try {
                socket.end(reason);
            } catch (RuntimeException fault) {
                server.logFault(fault);
            }
        }
        sockets.clear();
    }
}
