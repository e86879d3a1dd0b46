package io.duplex.polling;

import io.duplex.connection.ClientCall;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Where a client's requests go to, and what all of them say. Immutable and thread-safe.
 *
 * @param call whom the application wants to reach
 */
record ClientAddress(ClientCall call) {
    private static final String TYPE = "Content-Type";

    /** Whether ordinary requests can have that URI: the JDK's client is stricter than a WebSocket's handshake. */
    boolean isOfHttp() {
        try {
            return uri("").getHost() != null;
        } catch (IllegalArgumentException none) {
            return false;
        }
    }

    /**
     * The request that opens a session.
     *
     * @throws IllegalArgumentException if a field cannot be sent by the JDK's client
     */
    HttpRequest opening() {
        HttpRequest.Builder request = request("").header(TYPE, Answers.BLOCK).POST(BodyPublishers.noBody());
        if (!call.subprotocols().isEmpty()) {
            request.header(Polling.SUBPROTOCOLS_FIELD, String.join(", ", call.subprotocols()));
        }
        return request.build();
    }

    /** The request that receives. */
    HttpRequest get(String session, Via via, long after, long turn) {
        return request("via=" + via.token() + '&' + position(after, turn))
                .header(Polling.SESSION_FIELD, session)
                .GET()
                .build();
    }

    /** The request that sends. */
    HttpRequest post(String session, ByteBuffer block) {
        byte[] body = new byte[block.remaining()];
        block.get(body);
        return request("")
                .header(Polling.SESSION_FIELD, session)
                .header(TYPE, Answers.BLOCK)
                .POST(BodyPublishers.ofByteArray(body))
                .build();
    }

    /** The WebSocket connection that carries a session. */
    ClientCall carrier(String session, long after, long turn) {
        WebSocketUri uri = call.uri();
        String resource = uri.resourceName();
        int mark = resource.indexOf('?');
        String path = mark < 0 ? resource : resource.substring(0, mark);
        String query = mark < 0 ? "" : resource.substring(mark + 1) + '&';
        String folder = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        String carrier = (uri.isSecure() ? "wss://" : "ws://")
                + uri.hostHeader()
                + folder
                + CarrierHandshake.PATH_END
                + '?'
                + query
                + position(after, turn);
        return new ClientCall(
                WebSocketUri.parse(carrier), call.fields(), List.of(Polling.CARRIER_PROTOCOL, session), false);
    }

    private static String position(long after, long turn) {
        return "after=" + after + "&turn=" + turn;
    }

    private URI uri(String parameters) {
        WebSocketUri uri = call.uri();
        String resource = uri.resourceName();
        String separator = parameters.isEmpty() ? "" : resource.indexOf('?') < 0 ? "?" : "&";
        return URI.create(
                (uri.isSecure() ? "https://" : "http://") + uri.hostHeader() + resource + separator + parameters);
    }

    private HttpRequest.Builder request(String parameters) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(parameters)).header("Cache-Control", "no-cache");
        HeaderFields fields = call.fields();
        for (int line = 0; line < fields.size(); line++) {
            request.header(fields.name(line), fields.value(line));
        }
        return request;
    }

    /** For messages: without the query, which may hold a password. */
    String name() {
        String text = call.uri().toString();
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query);
    }
}
