package io.duplex.cli.lab;

import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.connection.Loop;
import io.duplex.connection.ResponseStream;
import io.duplex.connection.ServiceHost;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A service whose requests are counted, and of those that receive, which got nothing. */
final class Counted implements HttpService {
    /** A block without packets: see {@code docs/reference/polling-protocol.md}. */
    private static final int EMPTY_BLOCK_BYTES = 16;

    private final HttpService service;
    final LongAdder requests = new LongAdder();
    final LongAdder emptyAnswers = new LongAdder();

    Counted(HttpService service) {
        this.service = service;
    }

    @Override
    public void start(ServiceHost host) {
        service.start(host);
    }

    @Override
    public void serve(HttpExchange exchange) {
        requests.increment();
        service.serve(exchange.head().method().equals("GET") ? new Receiving(exchange) : exchange);
    }

    private final class Receiving implements HttpExchange {
        private final HttpExchange exchange;

        Receiving(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void respond(int status, HeaderFields fields, ByteBuffer body, @Nullable Runnable whenWritten) {
            if (body.remaining() <= EMPTY_BLOCK_BYTES) {
                emptyAnswers.increment();
            }
            exchange.respond(status, fields, body, whenWritten);
        }

        @Override
        public RequestHead head() {
            return exchange.head();
        }

        @Override
        public ByteBuffer body() {
            return exchange.body();
        }

        @Override
        public SocketAddress remoteAddress() {
            return exchange.remoteAddress();
        }

        @Override
        public boolean isSecure() {
            return exchange.isSecure();
        }

        @Override
        public Loop loop() {
            return exchange.loop();
        }

        @Override
        public boolean isClosed() {
            return exchange.isClosed();
        }

        @Override
        public void whenClosed(Runnable task) {
            exchange.whenClosed(task);
        }

        @Override
        public ResponseStream stream(int status, HeaderFields fields) {
            return exchange.stream(status, fields);
        }
    }
}
