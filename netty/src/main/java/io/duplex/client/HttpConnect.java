package io.duplex.client;

import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.handshake.HandshakeFault;
import io.duplex.handshake.HeadDecoder;
import io.duplex.handshake.HeadScratch;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ResponseHead;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Asks an HTTP proxy for a tunnel (RFC 9110 §9.3.6). Confined to one thread at a time. */
final class HttpConnect implements ProxyDialogue {
    private static final int FIRST_SUCCESS = 200;
    private static final int FIRST_BEYOND_SUCCESS = 300;
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final byte[] NOTHING = {};

    private final RequestHead request;
    private final HeadDecoder<ResponseHead> decoder;
    private boolean isOpen;
    private @Nullable HandshakeException fault;
    private @Nullable ResponseHead refusal;
    private @Nullable ResponseBody body;

    /**
     * Creates a dialogue that has not begun.
     *
     * @param authority the server's host and port, an IPv6 address in brackets
     * @param limits for the head of the proxy's answer
     */
    HttpConnect(Proxy proxy, String authority, Limits limits, HeadScratch scratch) {
        HeaderFields.Builder fields = HeaderFields.builder().add("Host", authority);
        String user = proxy.user();
        String password = proxy.password();
        if (user != null && password != null) {
            fields.add("Proxy-Authorization", BasicAuthorization.of(user, password));
        }
        request = new RequestHead("CONNECT", authority, HttpVersion.HTTP_1_1, fields.build());
        decoder = HeadDecoder.forResponses(limits, scratch);
    }

    @Override
    public byte[] start() {
        return request.toBytes();
    }

    @Override
    public byte[] receive(ByteBuffer in) {
        while (!isOpen && refusal == null && fault == null) {
            ResponseHead head = decoder.decode(in);
            if (head == null) {
                checkFault();
                return NOTHING;
            }
            onHead(head);
        }
        if (body != null) {
            body.receive(in);
        }
        return NOTHING;
    }

    private void checkFault() {
        HandshakeFault found = decoder.fault();
        if (found != null) {
            fault = new HandshakeException("sent an answer that breaks HTTP: " + found.description(), null);
        }
    }

    private void onHead(ResponseHead head) {
        if (head.status() >= FIRST_SUCCESS && head.status() < FIRST_BEYOND_SUCCESS) {
            // Content-Length and Transfer-Encoding are to be ignored: there is no body.
            isOpen = true;
        } else if (head.status() >= FIRST_SUCCESS || head.status() == SWITCHING_PROTOCOLS) {
            refusal = head;
            body = new ResponseBody(head);
        }
    }

    @Override
    public boolean isOpen() {
        return isOpen;
    }

    @Override
    public boolean isRefused() {
        return fault != null || body != null && body.isComplete();
    }

    @Override
    public @Nullable HandshakeException refusal() {
        ResponseHead head = refusal;
        if (head == null) {
            return fault;
        }
        return new HandshakeException(
                head.status(),
                "refused the tunnel with status " + head.status(),
                head.fields().toMap(),
                body == null ? NOTHING : body.bytes(),
                null);
    }
}
