package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Acceptance;
import io.duplex.connection.DialectAnswer;
import io.duplex.connection.FixedRequest;
import io.duplex.connection.Loop;
import io.duplex.connection.TimerWheel;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeHandler;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HandshakeFault;
import io.duplex.handshake.HeadDecoder;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ServerHandshake;
import io.duplex.transport.HeadBuffer;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketTransport;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake on one socket (RFC 6455 §4.2): reads the request head from the first bytes on, and ends in a
 * connection, a refusal, or an ordinary HTTP exchange. Confined to the socket's event loop.
 */
final class ServerOpening implements SocketListener {
    private static final int REQUEST_TIMEOUT = 408;
    private static final int INTERNAL_ERROR = 500;
    private static final int BAD_REQUEST = 400;
    private static final Answer.Refused NOTHING_THERE =
            Answer.Refused.of(404, HeaderFields.EMPTY, "no WebSocket endpoint at this path");

    /** Above the 60 s after which common balancers let go of an idle connection: whoever is asked last is to close last. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(75);

    private static final Agreement NOTHING_AGREED = new Agreement(null, "", null);

    private final Visitor visitor;
    private final ServerSettings server;
    private final Gates gates;
    private final SocketTransport transport;
    private final HeadDecoder<RequestHead> decoder;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);
    private final HeadBuffer gathered;
    private boolean done;
    /** Whether no answer may have a body (RFC 9110 §9.3.2). */
    private boolean headOnly;
    /** Whether the socket had a request before this. */
    private boolean isLater;
    /** Whether it waits for the first byte of another one. */
    private boolean isIdle;

    /** What waits for the application's decision; {@code null} if it is not waited for. */
    private @Nullable Deciding<?> deciding;

    private ServerOpening(Visitor visitor) {
        this.visitor = visitor;
        this.server = visitor.server();
        this.gates = visitor.gates();
        this.transport = visitor.transport();
        this.decoder = HeadDecoder.forRequests(server.limits(), transport.loop().headScratch());
        this.gathered = new HeadBuffer(transport.loop());
    }

    /** Who reads a socket that was just accepted. */
    static ServerOpening of(ServerSettings server, SocketTransport transport) {
        ServerOpening opening = new ServerOpening(new Visitor(server, transport));
        if (server.gates().proxies() != null) {
            transport.addFirst(new ProxyHeaderReader(opening));
        }
        return opening;
    }

    /** Has the next request read on a socket whose last one has been answered, be it an upgrade. */
    static void again(Visitor visitor) {
        visitor.letGo();
        ServerOpening opening = new ServerOpening(visitor);
        opening.isLater = true;
        opening.isIdle = true;
        visitor.transport().listener(opening);
        visitor.transport().setReading(true);
        Duration idle = opening.server.timeouts().idle();
        visitor.schedule(opening.timer, idle.isZero() || idle.compareTo(KEEP_ALIVE) > 0 ? KEEP_ALIVE : idle);
    }

    @Override
    public void onActive() {
        if (visitor.enter()) {
            visitor.schedule(timer, server.timeouts().handshake());
        } else {
            transport.abort();
        }
    }

    /** A proxy has said who the client is. */
    void proxied(ProxyHeader header) {
        visitor.proxied(header);
    }

    /** A proxy, or who pretends to be one, has sent something else. */
    void refuseProxy(IllegalArgumentException fault) {
        server.logRefusal("connection from " + transport.remoteAddress() + ": " + fault.getMessage());
        end();
        transport.abort();
    }

    @Override
    public void onReadable(ByteBuffer in) {
        if (done) {
            in.position(in.limit());
            return;
        }
        if (isIdle) {
            isIdle = false;
            visitor.schedule(timer, server.timeouts().handshake());
        }
        try {
            gather(in);
        } catch (OutOfMemoryError none) {
            in.position(in.limit());
            onNoMemory();
        }
    }

    private void gather(ByteBuffer in) {
        ByteBuffer bytes = gathered.join(in);
        read(bytes);
        if (isLeftToOthers()) {
            gathered.handOn(bytes, transport);
        } else {
            gathered.keep(bytes);
        }
    }

    /** Whether somebody else reads from now on. */
    @SuppressWarnings("ReferenceEquality") // one listener, not an equal one
    private boolean isLeftToOthers() {
        return done || transport.listener() != this;
    }

    private void read(ByteBuffer in) {
        FixedRequest fixed = isLater ? null : server.fixedRequest();
        if (fixed != null && fixed.isBegunBy(in)) {
            if (in.remaining() >= fixed.request().length) {
                in.position(in.limit());
                end(fixed.answer());
            }
            return;
        }
        RequestHead head = decoder.decode(in);
        HandshakeFault fault = decoder.fault();
        if (head != null) {
            headOnly = head.method().equals("HEAD");
            if (visitor.holdHead(RequestMemory.ofHead(head))) {
                answer(visitor.withinMemory(head), in.hasRemaining());
            } else {
                refuse(gates.exhausted());
            }
        } else if (fault != null) {
            refuse(Answer.Refused.of(fault));
            in.position(in.limit());
        }
    }

    private void answer(RequestHead head, boolean more) {
        String path = head.path();
        Routes.Match<WebSocketRoute> match = server.routes().find(path);
        // HTTP/1.0 has none: there the field is to be ignored (RFC 9110 §7.8).
        boolean upgrade = ServerHandshake.isUpgrade(head) && head.version().knowsUpgrade();
        Routes.Match<OrdinaryRoute> ordinary =
                upgrade && match != null ? null : server.ordinary().find(path);
        UpgradeHandler upgrades =
                ordinary == null ? server.upgrades() : ordinary.target().upgradesOr(server.upgrades());
        // What asks in vain for an upgrade is an ordinary request, too (RFC 9110 §7.8).
        boolean isPlain =
                upgrade ? match == null && upgrades == null && ordinary != null : match == null || ordinary != null;
        boolean isService = isPlain && ordinary != null && ordinary.target().isService();
        if (!(isService ? server.hosts().servesPages(head) : server.hosts().serves(head))) {
            refuse(Hosts.MISDIRECTED);
            return;
        }
        if (!isPlain && match == null && upgrades == null) {
            refuse(NOTHING_THERE);
            return;
        }
        if (isPlain && !isService) {
            take(head, new Forwarding.Client(transport.remoteAddress(), transport.isSecure()), ordinary, more);
            return;
        }
        Forwarding.Client client = visitor.client(head);
        if (client == null) {
            refuse(Answer.Refused.of(BAD_REQUEST, HeaderFields.EMPTY, "Forwarded breaks its grammar (RFC 7239 §4)\n"));
            return;
        }
        if (isPlain) {
            take(head, client, ordinary, more);
            return;
        }
        Answer.Refused turnedAway = visitor.turnedAway(client.address());
        if (turnedAway != null) {
            refuse(turnedAway);
        } else if (match == null) {
            answer(head, client, Objects.requireNonNull(upgrades), authenticator(ordinary));
        } else {
            answer(head, client, match.target(), match.parameters());
        }
    }

    private void take(
            RequestHead head, Forwarding.Client client, Routes.@Nullable Match<OrdinaryRoute> route, boolean more) {
        end();
        OrdinaryRequest.take(visitor, client, head, route == null ? OrdinaryRoute.NOTHING : route, more);
    }

    private void answer(
            RequestHead head, Forwarding.Client client, WebSocketRoute route, Map<String, String> pathParameters) {
        DialectAnswer answer = route.answer(head, client.isSecure());
        if (answer instanceof DialectAnswer.Accepted accepted) {
            Acceptance acceptance = accepted.acceptance();
            Handshake handshake = completed(accepted.request(), client, acceptance.agreement(), pathParameters);
            if (route.authenticator() != null) {
                authenticate(route, route.authenticator(), acceptance, handshake);
            } else {
                Handshake known = gates.namesClients()
                        ? new GatedHandshake(handshake, transport.remoteAddress(), null, Map.of())
                        : handshake;
                open(route, acceptance, HeaderFields.EMPTY, known);
            }
        } else if (answer instanceof DialectAnswer.Refused refused) {
            refuse(refused.answer());
        }
    }

    // Endpoints that the server does not know

    /** Who decides about connections that no route has: a service's own authenticator, or the server's. */
    private @Nullable Authenticator authenticator(Routes.@Nullable Match<OrdinaryRoute> service) {
        Authenticator ofServer = server.authenticator();
        if (service == null) {
            return ofServer;
        }
        Authenticator decides =
                service.target().options().authenticatorOr(ofServer == null ? Anybody.INSTANCE : ofServer);
        return decides instanceof Anybody ? null : decides;
    }

    private void answer(
            RequestHead head,
            Forwarding.Client client,
            UpgradeHandler upgrades,
            @Nullable Authenticator authenticator) {
        if (authenticator == null) {
            upgrade(head, client, null, HeaderFields.EMPTY, upgrades);
            return;
        }
        Handshake asked = new GatedHandshake(
                completed(head, client, NOTHING_AGREED, Map.of()), transport.remoteAddress(), null, Map.of());
        await(decision(authenticator, asked), (decision, fault) -> {
            if (decision instanceof Authentication.Accepted who) {
                upgrade(head, client, who.principal(), who.fields(), upgrades);
            } else if (decision instanceof Authentication.Refused refused) {
                refuse(refused.answer().status(), refused.answer().toBytes());
            } else {
                refuseOrFail(fault, "authenticator of ", head.path());
            }
        });
    }

    private void upgrade(
            RequestHead head,
            Forwarding.Client client,
            @Nullable Principal principal,
            HeaderFields fields,
            UpgradeHandler upgrades) {
        CompletionStage<Upgrade> decision;
        try {
            decision = upgrades.upgrade(new UpgradeRequest(
                    head, client.address(), client.isSecure(), transport.peerCertificates(), principal));
        } catch (Throwable fault) {
            decision = CompletableFuture.failedFuture(fault);
        }
        if (decision == null) {
            refuse(NOTHING_THERE);
        } else {
            await(decision.toCompletableFuture(), (upgrade, fault) -> upgraded(head.path(), fields, upgrade, fault));
        }
    }

    private CompletedHandshake completed(
            RequestHead head, Forwarding.Client client, Agreement agreement, Map<String, String> pathParameters) {
        return new CompletedHandshake(
                head,
                agreement,
                HeaderFields.EMPTY,
                pathParameters,
                client.address(),
                client.isSecure(),
                transport.peerCertificates());
    }

    /** Goes on as the application says; {@code fields} are its authenticator's. */
    private void upgraded(String path, HeaderFields fields, @Nullable Upgrade upgrade, @Nullable Throwable fault) {
        if (upgrade instanceof Upgrade.Accepted accepted) {
            if (gates.isOpen()) {
                HeaderFields extra = HeaderFields.builder()
                        .addAll(accepted.answer().extraFields())
                        .addAll(fields)
                        .build();
                Answer.Accepted answer = accepted.answer().withExtraFields(extra);
                open(Acceptance.of(answer), answer.toBytes(), accepted.handshake(), accepted.handler());
            } else {
                refuse(gates.draining());
            }
        } else if (upgrade instanceof Upgrade.Refused refused) {
            refuse(refused.answer());
        } else {
            refuseOrFail(fault, "upgrade to ", path);
        }
    }

    // Authentication

    private void authenticate(
            WebSocketRoute route, Authenticator authenticator, Acceptance acceptance, Handshake handshake) {
        await(
                decision(authenticator, handshake),
                (result, fault) -> decided(route, acceptance, handshake, result, fault));
    }

    private static CompletableFuture<Authentication> decision(Authenticator authenticator, Handshake handshake) {
        try {
            return authenticator.authenticate(handshake).toCompletableFuture();
        } catch (Throwable fault) {
            return CompletableFuture.failedFuture(fault);
        }
    }

    /** Goes on at once if there is a decision, and when there is one if not. */
    private <T> void await(
            CompletableFuture<T> decision, BiConsumer<? super @Nullable T, ? super @Nullable Throwable> whenDecided) {
        if (!decision.isDone()) {
            Deciding<T> waiting =
                    new Deciding<>(this, transport, server.limits().maxHeaderBytes(), decision);
            deciding = waiting;
            transport.listener(waiting);
            waiting.await((result, fault) -> {
                undecide();
                whenDecided.accept(result, fault);
            });
            return;
        }
        T result = null;
        Throwable failure = null;
        try {
            result = decision.join();
        } catch (CompletionException | CancellationException fault) {
            failure = fault;
        }
        whenDecided.accept(result, failure);
    }

    /** The client does not wait for the answer, and has sent more than is kept. */
    void onImpatience() {
        undecide();
        refuse(Answer.Refused.of(
                BAD_REQUEST,
                HeaderFields.EMPTY,
                "more than maxHeaderBytes came before the answer to the handshake (RFC 6455 §4.1)\n"));
    }

    /** There is no memory to keep with what has come. */
    void onNoMemory() {
        undecide();
        gathered.release();
        if (done) {
            transport.abort();
        } else {
            refuse(gates.exhausted());
        }
    }

    private void undecide() {
        if (deciding != null) {
            deciding = null;
            transport.listener(this);
        }
    }

    /** The application has decided; {@code fault} tells why it could not. */
    private void decided(
            WebSocketRoute route,
            Acceptance acceptance,
            Handshake handshake,
            @Nullable Authentication decision,
            @Nullable Throwable fault) {
        if (decision instanceof Authentication.Accepted who) {
            Handshake gated =
                    new GatedHandshake(handshake, transport.remoteAddress(), who.principal(), who.attributes());
            open(route, acceptance, who.fields(), gated);
        } else if (decision instanceof Authentication.Refused refused) {
            refuse(refused.answer().status(), refused.answer().toBytes());
        } else {
            refuseOrFail(fault, "authenticator of ", route.template());
        }
    }

    /** Goes on with a request that was accepted; {@code fields} are those of its authenticator. */
    private void open(WebSocketRoute route, Acceptance acceptance, HeaderFields fields, Handshake handshake) {
        if (!gates.isOpen()) {
            refuse(gates.draining());
            return;
        }
        byte[] response;
        WebSocketHandler handler;
        try {
            response = acceptance.response(fields);
            handler = route.handlers().apply(handshake);
        } catch (Throwable fault) {
            refuseOrFail(fault, "answering as the authenticator says, or making the handler, of ", route.template());
            return;
        }
        open(acceptance, response, handshake, handler);
    }

    private void open(Acceptance acceptance, byte[] response, Handshake handshake, WebSocketHandler handler) {
        transport.write(ByteBuffer.wrap(response));
        if (acceptance.proofBytes() == 0) {
            establish(acceptance, handshake, handler);
        } else {
            transport.listener(new Proving(this, transport, acceptance, handshake, handler));
        }
    }

    /** What the client had to send behind its request has come; {@code answer} is the end of the response. */
    void proved(byte[] answer, Acceptance acceptance, Handshake handshake, WebSocketHandler handler) {
        if (!gates.isOpen()) {
            transport.abort();
            return;
        }
        transport.write(ByteBuffer.wrap(answer));
        establish(acceptance, handshake, handler);
    }

    private void establish(Acceptance acceptance, Handshake handshake, WebSocketHandler handler) {
        Loop loop = transport.loop().core();
        ServerConnection connection = new ServerConnection(
                acceptance.protocol(server.connections(), handler.delivery(), loop, transport),
                handshake,
                handler,
                server.connections(),
                transport,
                gates);
        end();
        connection.owes(visitor.handOver(), visitor.headBytes());
        transport.listener(connection);
        gates.opened(connection);
        connection.onOpen();
    }

    // Refusals

    private void refuseOrFail(@Nullable Throwable failure, String what, Object path) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Throwable fault = cause == null ? new NullPointerException("decision is null") : cause;
        // One without a status may be that of a client that connects on behalf of this one.
        if (fault instanceof HandshakeException refusal && refusal.status() >= 300 && refusal.status() <= 599) {
            refuse(refusal, what, path);
        } else {
            refuseAfter(what, fault, path);
        }
    }

    /** Refuses as the application says, with its fields, such as WWW-Authenticate (RFC 9110 §15.5.2). */
    private void refuse(HandshakeException refusal, String what, Object path) {
        Answer.Refused answer;
        try {
            HeaderFields.Builder fields = HeaderFields.builder();
            refusal.headers().forEach((name, values) -> values.forEach(value -> fields.add(name, value)));
            answer = Answer.Refused.of(refusal.status(), fields.build(), String.valueOf(refusal.getMessage()));
        } catch (IllegalArgumentException unsendable) {
            refuseAfter(what, unsendable, path);
            return;
        }
        refuse(answer);
    }

    private void refuseAfter(String what, Throwable fault, Object path) {
        server.logFault(what + path + " failed", fault);
        refuse(Answer.Refused.of(INTERNAL_ERROR, HeaderFields.EMPTY, "internal error"));
    }

    private void refuse(Answer.Refused refusal) {
        Answer.Refused answer = AnswerFields.complete(refusal);
        refuse(answer.status(), headOnly ? answer.head().toBytes() : answer.toBytes());
    }

    private void refuse(int status, byte[] response) {
        end(response);
        gates.refused(status, visitor.remote());
    }

    private void end(byte[] response) {
        end();
        transport.write(ByteBuffer.wrap(response));
        transport.close();
        closeWithin();
    }

    /** Bounds how long a refused peer may keep the socket. */
    private void closeWithin() {
        visitor.schedule(timer, server.timeouts().close());
    }

    private void end() {
        done = true;
        visitor.cancel(timer);
    }

    private long onTimeout(long nowNanos) {
        Deciding<?> waiting = deciding;
        if (waiting != null) {
            waiting.cancel();
            deciding = null;
            transport.listener(this);
            refuse(gates.undecided());
        } else if (isIdle) {
            part();
        } else if (done || gathered.isEmpty()) {
            transport.abort();
        } else {
            gathered.release();
            refuse(Answer.Refused.of(REQUEST_TIMEOUT, HeaderFields.EMPTY, "request head took too long"));
        }
        return TimerWheel.Watch.NEVER;
    }

    @Override
    public void onEof() {
        if (!done) {
            end();
            transport.close();
            closeWithin();
        }
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        end();
        gathered.release();
        visitor.leave();
    }

    @Override
    public void onShutdown() {
        if (isIdle) {
            part(); // what was answered last may be on its way yet
        } else {
            transport.abort();
        }
    }

    /** Closes a socket of which nobody wants anything any more. */
    private void part() {
        end();
        Farewell.sayBriefly(visitor);
    }
}
