package io.duplex.server;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.transport.SocketTransport;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One ordinary HTTP request on Netty's codec. The connection ends with the answer, because the next request on it could be an
 * upgrade, and those are read by our own parser.
 */
final class HttpExchange extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final int MAX_BODY_BYTES = 64 << 10;

    private final ServerSettings server;
    private @Nullable Future<?> deadline;
    private final Admissions.@Nullable Count count;
    private boolean answered;

    private HttpExchange(ServerSettings server, Admissions.@Nullable Count count) {
        this.server = server;
        this.count = count;
    }

    /**
     * Gives a socket to HTTP.
     *
     * @param count how many sockets its address has; {@code null} if that is not counted
     * @param first the bytes of the request, from its first on
     */
    static void take(
            SocketTransport transport, ServerSettings server, Admissions.@Nullable Count count, ByteBuffer first) {
        transport.handOver(
                first,
                new HttpServerCodec(),
                new HttpObjectAggregator(MAX_BODY_BYTES, true),
                new HttpExchange(server, count));
    }

    /** The time for a handshake, once for the rest of the request and once for the answer, however the bytes drip. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        closeLater(context);
        // Not channelInactive, which a channel never comes to that the peer had reset before it was made.
        context.channel().closeFuture().addListener(closed -> {
            stopClock();
            server.gates().left(count);
        });
    }

    private void closeLater(ChannelHandlerContext context) {
        stopClock();
        long nanos = server.timeouts().handshake().toNanos();
        if (nanos > 0) {
            deadline = context.executor().schedule(() -> context.close(), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void stopClock() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (answered) {
            return;
        }
        answered = true;
        closeLater(context);
        boolean head = request.method().equals(HttpMethod.HEAD);
        HttpResponse answer = answer(request);
        byte[] body = answer.body();
        FullHttpResponse response = new DefaultFullHttpResponse(
                io.netty.handler.codec.http.HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        HeaderFields fields = AnswerFields.complete(answer.status(), answer.fields());
        for (int i = 0; i < fields.size(); i++) {
            response.headers().add(fields.name(i), fields.value(i));
        }
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        context.writeAndFlush(response).addListener(sent -> endOutput(context));
    }

    /** Reads on until the peer ends its side: to close over unread bytes would reset the answer away (RFC 9112 §9.6). */
    private static void endOutput(ChannelHandlerContext context) {
        if (context.channel() instanceof DuplexChannel channel
                && context.pipeline().get(SslHandler.class) == null) {
            channel.shutdownOutput();
        } else {
            context.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            context.close();
        }
    }

    private HttpResponse answer(FullHttpRequest request) {
        if (request.decoderResult().isFailure() || !hasOneHost(request)) {
            return HttpResponse.text(400, "request is not valid");
        }
        RequestHead head;
        try {
            HeaderFields.Builder fields = HeaderFields.builder();
            request.headers().forEach(field -> fields.add(field.getKey(), field.getValue()));
            head = new RequestHead(request.method().name(), request.uri(), HttpVersion.HTTP_1_1, fields.build());
        } catch (IllegalArgumentException e) {
            return HttpResponse.text(400, "request is not valid");
        }
        if (head.host() == null
                && !request.headers().get(HttpHeaderNames.HOST, "").isEmpty()) {
            return HttpResponse.text(400, "Host is not valid");
        }
        Routes.Match<HttpHandler> match = server.httpRoutes().find(head.path());
        if (match == null) {
            return HttpResponse.text(404, "nothing at this path");
        }
        if (!head.method().equals("GET") && !head.method().equals("HEAD")) {
            return new HttpResponse(
                    405,
                    HeaderFields.builder().add("Allow", "GET, HEAD").build(),
                    "method is not GET or HEAD".getBytes(StandardCharsets.US_ASCII));
        }
        try {
            return Objects.requireNonNull(match.target().handle(head), "the HttpHandler returned null");
        } catch (Throwable fault) {
            server.logFault("answering " + head.path() + " failed", fault);
            return HttpResponse.text(500, "internal error");
        }
    }

    /** HTTP/1.0 may do without (RFC 9112 §3.2). */
    private static boolean hasOneHost(FullHttpRequest request) {
        int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
        return hosts == 1 || hosts == 0 && request.protocolVersion().minorVersion() == 0;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // What the peer causes must not fill the log.
        if (!(cause instanceof IOException) && !(cause instanceof CodecException)) {
            server.logFault("answering an HTTP request failed", cause);
        }
        context.close();
    }
}
