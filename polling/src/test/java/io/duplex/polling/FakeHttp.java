package io.duplex.polling;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** An HTTP client whose requests a test answers. Confined to the test's thread. */
final class FakeHttp extends HttpClient {
    private final List<Exchange<?>> exchanges = new ArrayList<>();
    private @Nullable RuntimeException fault;

    /** From now on sending throws that. */
    void breakBy(RuntimeException next) {
        fault = next;
    }

    /** The requests that nothing has become of, in order. */
    List<Exchange<?>> open() {
        return exchanges.stream().filter(exchange -> !exchange.isDone()).toList();
    }

    /** All requests so far, as method and parameters. */
    List<String> lines() {
        return exchanges.stream().map(Exchange::line).toList();
    }

    /** The only open request that begins so. */
    Exchange<?> open(String line) {
        List<Exchange<?>> found =
                open().stream().filter(e -> e.line().startsWith(line)).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " of " + line + " among " + lines());
        }
        return found.get(0);
    }

    boolean isOpen(String line) {
        return open().stream().anyMatch(e -> e.line().startsWith(line));
    }

    /** A request on its way. */
    static final class Exchange<T> {
        private final HttpRequest request;
        private final BodyHandler<T> bodies;
        private final CompletableFuture<HttpResponse<T>> future = new CompletableFuture<>();
        private @Nullable BodySubscriber<T> body;
        private boolean cancelled;
        private boolean ended;

        Exchange(HttpRequest request, BodyHandler<T> bodies) {
            this.request = request;
            this.bodies = bodies;
        }

        String line() {
            String query = request.uri().getQuery();
            return query == null ? request.method() : request.method() + " " + query;
        }

        String field(String name) {
            return request.headers().firstValue(name).orElse("");
        }

        /** What a POST takes along. */
        byte[] content() {
            List<Byte> bytes = new ArrayList<>();
            request.bodyPublisher().orElseThrow().subscribe(new Subscriber<>() {
                @Override
                public void onSubscribe(Subscription source) {
                    source.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(ByteBuffer piece) {
                    while (piece.hasRemaining()) {
                        bytes.add(piece.get());
                    }
                }

                @Override
                public void onError(Throwable failure) {
                    throw new AssertionError(failure);
                }

                @Override
                public void onComplete() {}
            });
            byte[] content = new byte[bytes.size()];
            for (int i = 0; i < content.length; i++) {
                content[i] = bytes.get(i);
            }
            return content;
        }

        boolean isDone() {
            return ended || cancelled || future.isCompletedExceptionally();
        }

        boolean isCancelled() {
            return cancelled || future.isCancelled();
        }

        void fail() {
            future.completeExceptionally(new IOException("cut"));
        }

        /** A whole answer. */
        void answer(int status, String type, byte[] content, String... fields) {
            head(status, type, fields);
            send(content);
            end();
        }

        /** The head of an answer. */
        void head(int status, String type, String... fields) {
            Map<String, List<String>> all = new HashMap<>(Map.of("Content-Type", List.of(type)));
            for (int i = 0; i < fields.length; i += 2) {
                all.put(fields[i], List.of(fields[i + 1]));
            }
            Head head = new Head(status, HttpHeaders.of(all, (name, value) -> true), Version.HTTP_1_1);
            BodySubscriber<T> subscriber = bodies.apply(head);
            body = subscriber;
            subscriber
                    .getBody()
                    .whenComplete((taken, failure) -> future.complete(new Response<>(request, head, taken)));
            subscriber.onSubscribe(new Subscription() {
                @Override
                public void request(long pieces) {}

                @Override
                public void cancel() {
                    cancelled = true;
                }
            });
        }

        void send(byte[] piece) {
            if (body != null && !cancelled && piece.length > 0) {
                body.onNext(List.of(ByteBuffer.wrap(piece)));
            }
        }

        void send(String piece) {
            send(piece.getBytes(UTF_8));
        }

        void end() {
            ended = true;
            if (body != null && !cancelled) {
                body.onComplete();
            }
        }
    }

    private record Head(int statusCode, HttpHeaders headers, Version version) implements ResponseInfo {}

    private record Response<T>(HttpRequest request, Head head, T body) implements HttpResponse<T> {
        @Override
        public int statusCode() {
            return head.statusCode();
        }

        @Override
        public Optional<HttpResponse<T>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public HttpHeaders headers() {
            return head.headers();
        }

        @Override
        public Optional<SSLSession> sslSession() {
            return Optional.empty();
        }

        @Override
        public URI uri() {
            return request.uri();
        }

        @Override
        public Version version() {
            return head.version();
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> bodies) {
        if (fault != null) {
            throw fault;
        }
        Exchange<T> exchange = new Exchange<>(request, bodies);
        exchanges.add(exchange);
        return exchange.future;
    }

    // What is not used

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> bodies, PushPromiseHandler<T> pushes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> bodies) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return Optional.empty();
    }

    @Override
    public Redirect followRedirects() {
        return Redirect.NEVER;
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return Optional.empty();
    }

    @Override
    public SSLContext sslContext() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SSLParameters sslParameters() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return Optional.empty();
    }

    @Override
    public Version version() {
        return Version.HTTP_1_1;
    }

    @Override
    public Optional<Executor> executor() {
        return Optional.empty();
    }
}
