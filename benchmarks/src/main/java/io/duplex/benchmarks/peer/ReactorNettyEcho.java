package io.duplex.benchmarks.peer;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.WebsocketServerSpec;
import reactor.netty.http.websocket.WebsocketInbound;
import reactor.netty.http.websocket.WebsocketOutbound;
import reactor.netty.resources.LoopResources;

/** Reactor Netty, what Spring WebFlux runs on: one event loop, native transport, frames echoed as they come. */
final class ReactorNettyEcho {
    private static final Sinks.Many<byte[]> PUBLISHED = Sinks.many().multicast().onBackpressureBuffer(1024, false);

    private ReactorNettyEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        WebsocketServerSpec spec = WebsocketServerSpec.builder()
                .maxFramePayloadLength(PeerOptions.MAX_MESSAGE_BYTES)
                .compress(true)
                .build();
        HttpServer server = HttpServer.create()
                .host(PeerOptions.HOST)
                .port(options.port())
                .runOn(LoopResources.create("echo", 1, 1, true), true)
                .route(routes -> routes.ws(PeerOptions.FANOUT, ReactorNettyEcho::fanOut, spec)
                        .ws("/**", ReactorNettyEcho::echo, spec));
        if (options.tls()) {
            PeerCertificate certificate = PeerCertificate.create();
            SslContext tls = SslContextBuilder.forServer(
                            certificate.chain().toFile(), certificate.key().toFile())
                    .build();
            server = server.secure(ssl -> ssl.sslContext(tls));
        }
        DisposableServer bound = server.bindNow();
        options.listening(bound.port());
        bound.onDispose().block();
    }

    private static Publisher<Void> echo(WebsocketInbound in, WebsocketOutbound out) {
        return out.sendObject(in.receiveFrames().map(WebSocketFrame::retain));
    }

    private static Publisher<Void> fanOut(WebsocketInbound in, WebsocketOutbound out) {
        Mono<Void> publish = in.receive()
                .asByteArray()
                .doOnNext(bytes -> PUBLISHED.emitNext(bytes, Sinks.EmitFailureHandler.FAIL_FAST))
                .then();
        Flux<WebSocketFrame> deliveries =
                PUBLISHED.asFlux().map(bytes -> new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
        return Flux.merge(publish, out.sendObject(deliveries, frame -> true).then());
    }
}
