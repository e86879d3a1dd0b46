package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.transport.RawPeer;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** That a connection which has ended is not counted any more. */
class ServerConnectionIT {
    /** A fault that cannot even be logged. */
    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new AssertionError("on purpose");
        }
    }

    @Test
    void addsToAConnectionAndOverridesNothingOfIt() {
        for (Method own : ServerConnection.class.getDeclaredMethods()) {
            assertThat(Connection.class.getDeclaredMethods())
                    .filteredOn(method -> !method.isSynthetic() && !own.isSynthetic())
                    .noneMatch(method -> method.getName().equals(own.getName())
                            && Arrays.equals(method.getParameterTypes(), own.getParameterTypes()));
        }
    }

    @Test
    void oneWhoseEndCannotBeToldIsNotCountedEither() throws Exception {
        CompletableFuture<CloseOutcome> told = new CompletableFuture<>();
        ServerListener listener = new ServerListener() {
            @Override
            public void onConnectionClosed(WebSocket socket, CloseOutcome outcome) {
                told.complete(outcome);
            }
        };
        try (WebSocketServer server = WebSocketServer.builder()
                .port(0)
                .listener(listener)
                .route("/", handshake -> new WebSocketHandler() {
                    @Override
                    public void onClose(WebSocket socket, CloseOutcome outcome) {
                        throw new Unspeakable();
                    }
                })
                .start()) {
            RawPeer.open(server.port(), "/").reset();
            assertThat(told.get(60, TimeUnit.SECONDS).clean()).isFalse();
            assertThat(server.connections()).isZero();
        }
    }
}
