package io.duplex.jakarta;

import io.duplex.server.WebSocketServer;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Endpoints on Duplex's own server, and a client that keeps what they answer. */
final class TestServer implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    final DuplexServerContainer container;
    final DuplexClientContainer client = DuplexClientContainer.create();
    private final WebSocketServer server;

    TestServer(Class<?>... endpoints) {
        this(DuplexServerContainer.builder(), endpoints);
    }

    TestServer(DuplexServerContainer.Builder options, Class<?>... endpoints) {
        this(options, WebSocketServer.builder(), endpoints);
    }

    TestServer(DuplexServerContainer.Builder options, WebSocketServer.Builder host, Class<?>... endpoints) {
        container = options.build();
        try {
            for (Class<?> endpoint : endpoints) {
                container.addEndpoint(endpoint);
            }
        } catch (DeploymentException e) {
            throw new AssertionError(e);
        }
        server = host.port(0).upgrades(container.at("/app")).start();
    }

    URI uri(String path) {
        return URI.create("ws://127.0.0.1:" + server.port() + "/app" + path);
    }

    Peer connect(String path) throws DeploymentException, IOException {
        return connect(path, ClientEndpointConfig.Builder.create().build());
    }

    Peer connect(String path, ClientEndpointConfig config) throws DeploymentException, IOException {
        Peer peer = new Peer();
        peer.session = client.connectToServer(peer, config, uri(path));
        return peer;
    }

    /** Waits until something is so. */
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not so within " + PATIENCE_SECONDS + " s");
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        client.close();
        container.close();
        server.close();
    }

    /** A client endpoint. */
    static final class Peer extends Endpoint {
        Session session;
        final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
        private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();

        @Override
        public void onOpen(Session opened, EndpointConfig config) {
            opened.addMessageHandler(String.class, (MessageHandler.Whole<String>) received::add);
            opened.addMessageHandler(ByteBuffer.class, (MessageHandler.Whole<ByteBuffer>) received::add);
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            closed.complete(reason);
        }

        String ask(String text) throws IOException, InterruptedException {
            session.getBasicRemote().sendText(text);
            return text();
        }

        String text() throws InterruptedException {
            return (String) next();
        }

        String binary() throws InterruptedException {
            return StandardCharsets.UTF_8.decode((ByteBuffer) next()).toString();
        }

        private Object next() throws InterruptedException {
            Object message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no message within " + PATIENCE_SECONDS + " s");
            }
            return message;
        }

        CloseReason awaitClose() {
            return closed.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        }
    }
}
