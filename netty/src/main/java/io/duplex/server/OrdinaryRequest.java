package io.duplex.server;

import io.duplex.connection.TimerWheel;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.duplex.transport.SocketListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a socket on which the body of an ordinary request comes: it has the time of a handshake, however its bytes drip.
 * A request that can be read in two ways is refused, and nothing behind it is read. Confined to the event loop.
 */
final class OrdinaryRequest implements SocketListener {
    private static final int BAD_REQUEST = 400;
    private static final int EXPECTATION_FAILED = 417;
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = new byte[0];

    private final Visitor visitor;
    private final Forwarding.Client client;
    private final RequestHead head;
    private final Routes.Match<OrdinaryRoute> route;
    private final BodyDecoder decoder;
    private final BodyBuffer body;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);

    private OrdinaryRequest(
            Visitor visitor,
            Forwarding.Client client,
            RequestHead head,
            Routes.Match<OrdinaryRoute> route,
            BodyDecoder decoder) {
        this.visitor = visitor;
        this.client = client;
        this.head = head;
        this.route = route;
        this.decoder = decoder;
        this.body = new BodyBuffer(visitor.transport().loop().core());
    }

    /**
     * Goes on behind the head of a request: it is served, refused, or the rest of it is listened for.
     *
     * @param more whether bytes have come behind the head
     */
    static void take(
            Visitor visitor,
            Forwarding.Client client,
            RequestHead head,
            Routes.Match<OrdinaryRoute> route,
            boolean more) {
        Answer.Refused refusal = route.target().isService() ? visitor.crowdedOut(client.address()) : null;
        if (refusal != null) {
            refuse(visitor, head, refusal);
            visitor.gates().refused(refusal.status(), visitor.remote());
            return;
        }
        String fault = hostFault(head);
        if (fault != null) {
            refuse(visitor, head, BAD_REQUEST, fault);
            return;
        }
        BodyDecoder decoder = BodyDecoder.of(head, route.target().maxBodyBytes());
        BodyDecoder.Fault bodyFault = decoder.fault();
        if (bodyFault != null) {
            refuse(visitor, head, bodyFault.status(), bodyFault.description());
        } else if (decoder.isDone()) {
            ServedExchange.serve(visitor, client, head, NOTHING, route);
        } else if (expects(head)) {
            refuse(visitor, head, EXPECTATION_FAILED, "Expect is not 100-continue (RFC 9110 §10.1.1)");
        } else {
            OrdinaryRequest request = new OrdinaryRequest(visitor, client, head, route, decoder);
            visitor.transport().listener(request);
            visitor.schedule(request.timer, visitor.server().timeouts().handshake());
            if (!more && head.fields().contains("Expect") && head.version().knowsUpgrade()) {
                visitor.transport().write(ByteBuffer.wrap(CONTINUE));
            }
        }
    }

    /** Whether something is expected that this server does not do. */
    private static boolean expects(RequestHead head) {
        List<String> expectations = head.fields().all("Expect");
        return head.version().knowsUpgrade()
                && !expectations.isEmpty()
                && !(expectations.size() == 1 && expectations.get(0).equalsIgnoreCase("100-continue"));
    }

    /** HTTP/1.0 may do without Host (RFC 9112 §3.2); two names for one request would be two readings of it. */
    private static @Nullable String hostFault(RequestHead head) {
        List<String> hosts = head.fields().all("Host");
        if (hosts.size() > 1 || hosts.isEmpty() && head.version().knowsUpgrade()) {
            return "there is not exactly one Host (RFC 9112 §3.2)";
        }
        String host = hosts.isEmpty() ? "" : hosts.get(0);
        if (!host.isEmpty() && head.host() == null) {
            return "Host is not valid";
        }
        String target = head.target();
        int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
        boolean isOther = scheme >= 0
                && !hosts.isEmpty()
                && !target.substring(scheme + 3)
                        .toLowerCase(Locale.ROOT)
                        .replaceFirst("[/?].*", "")
                        .equals(host.toLowerCase(Locale.ROOT));
        return isOther ? "target is of another host than Host (RFC 9112 §3.2.2)" : null;
    }

    private static void refuse(Visitor visitor, RequestHead head, int status, String why) {
        refuse(visitor, head, Answer.Refused.of(status, HeaderFields.EMPTY, why + "\n"));
    }

    private static void refuse(Visitor visitor, RequestHead head, Answer.Refused refusal) {
        Answer.Refused answer = AnswerFields.complete(refusal);
        boolean hasBody = !head.method().equals("HEAD");
        visitor.transport()
                .write(ByteBuffer.wrap(
                        hasBody ? answer.toBytes() : answer.head().toBytes()));
        Farewell.say(visitor);
    }

    @Override
    public void onReadable(ByteBuffer in) {
        try {
            gather(in);
        } catch (OutOfMemoryError none) {
            in.position(in.limit());
            end();
            refuse(visitor, head, visitor.gates().exhausted());
        }
    }

    private void gather(ByteBuffer in) {
        byte[] whole = null;
        while (in.hasRemaining() && !decoder.isDone() && decoder.fault() == null) {
            int length = decoder.next(in);
            if (length == 0) {
                continue;
            }
            if (decoder.isDone() && body.isEmpty()) {
                whole = new byte[length];
                in.get(in.position() - length, whole);
            } else {
                body.add(in, in.position() - length, length);
            }
        }
        BodyDecoder.Fault fault = decoder.fault();
        if (fault != null) {
            in.position(in.limit());
            end();
            refuse(visitor, head, fault.status(), fault.description());
        } else if (decoder.isDone()) {
            byte[] content = whole == null ? body.take() : whole;
            end();
            if (content.length > 0
                    && (head.method().equals("GET") || head.method().equals("HEAD"))) {
                // It means nothing (RFC 9110 §9.3.1), and a request that is held would keep it.
                content = NOTHING;
            }
            if (visitor.holdBody(content.length)) {
                ServedExchange.serve(visitor, client, head, content, route);
            } else {
                refuse(visitor, head, visitor.gates().exhausted());
            }
        }
    }

    private void end() {
        visitor.cancel(timer);
        body.release();
    }

    private long onTimeout(long nowNanos) {
        end();
        Farewell.say(visitor);
        return TimerWheel.Watch.NEVER;
    }

    @Override
    public void onEof() {
        end();
        Farewell.say(visitor);
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        end();
        visitor.leave();
    }

    @Override
    public void onShutdown() {
        visitor.transport().abort();
    }
}
