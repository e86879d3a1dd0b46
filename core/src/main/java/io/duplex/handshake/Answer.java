package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a server answers to a request for a WebSocket connection (RFC 6455 §4.2.2). Immutable and thread-safe. */
public sealed interface Answer {
    /** The response as it is sent, with its body where it has one. */
    byte[] toBytes();

    /** The head of the response. */
    ResponseHead head();

    /**
     * Checks that an application may add these fields to an answer.
     *
     * @throws IllegalArgumentException if one is decided by the handshake: Connection, Upgrade, Host, Content-Length,
     *     Transfer-Encoding or Sec-WebSocket-*
     */
    static void requireFree(HeaderFields fields) {
        FieldName.requireFree(fields);
    }

    /**
     * The connection is established as soon as the response was sent.
     *
     * @param agreement what is in use from then on
     * @param accept the value of Sec-WebSocket-Accept
     * @param extraFields fields that the application adds, such as Set-Cookie
     */
    record Accepted(Agreement agreement, String accept, HeaderFields extraFields) implements Answer {
        private static final byte[] OPENING = """
                HTTP/1.1 101 Switching Protocols\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Accept:\s""".getBytes(ISO_8859_1);

        /**
         * Checks the extra fields.
         *
         * @throws IllegalArgumentException if one is decided by the handshake: Connection, Upgrade, Host, Content-Length,
         *     Transfer-Encoding or Sec-WebSocket-*
         */
        public Accepted {
            FieldName.requireFree(extraFields);
        }

        /**
         * The same answer with these fields and no other extra ones.
         *
         * @throws IllegalArgumentException if one is decided by the handshake
         */
        public Accepted withExtraFields(HeaderFields fields) {
            return new Accepted(agreement, accept, fields);
        }

        @Override
        public ResponseHead head() {
            HeaderFields.Builder fields = HeaderFields.builder();
            fields.addValid(FieldName.UPGRADE, "websocket");
            fields.addValid(FieldName.CONNECTION, "Upgrade");
            fields.add(FieldName.SEC_WEBSOCKET_ACCEPT, accept);
            String subprotocol = agreement.subprotocol();
            if (subprotocol != null) {
                fields.add(FieldName.SEC_WEBSOCKET_PROTOCOL, subprotocol);
            }
            if (!agreement.extensions().isEmpty()) {
                fields.add(FieldName.SEC_WEBSOCKET_EXTENSIONS, agreement.extensions());
            }
            fields.addAll(extraFields);
            return new ResponseHead(HttpVersion.HTTP_1_1, 101, ResponseHead.reasonOf(101), fields.build());
        }

        /** As the {@link #head} has it, without making one: this is on the way of every connection. */
        @Override
        public byte[] toBytes() {
            String tail = tail();
            byte[] response = Arrays.copyOf(OPENING, OPENING.length + accept.length() + tail.length());
            putLatin1(tail, response, putLatin1(accept, response, OPENING.length));
            return response;
        }

        /** What follows the value of Sec-WebSocket-Accept. */
        private String tail() {
            String subprotocol = agreement.subprotocol();
            if (subprotocol == null && agreement.extensions().isEmpty() && extraFields.size() == 0) {
                return "\r\n\r\n";
            }
            StringBuilder tail = new StringBuilder(128);
            if (subprotocol != null) {
                tail.append("\r\nSec-WebSocket-Protocol: ").append(subprotocol);
            }
            if (!agreement.extensions().isEmpty()) {
                tail.append("\r\nSec-WebSocket-Extensions: ").append(agreement.extensions());
            }
            tail.append("\r\n");
            extraFields.appendTo(tail);
            return tail.append("\r\n").toString();
        }

        /** Returns the index behind it. */
        private static int putLatin1(String text, byte[] bytes, int at) {
            for (int i = 0; i < text.length(); i++) {
                bytes[at + i] = (byte) text.charAt(i);
            }
            return at + text.length();
        }
    }

    /**
     * The connection is not established, and is to be closed when the response was sent: after a fault nobody can say where
     * the next request would begin.
     *
     * @param status 300 to 599
     * @param extraFields fields besides Connection, Content-Type and Content-Length
     * @param body plain text for the developer of the client
     * @param fault the rule that was broken; {@code null} if the application refused
     */
    record Refused(
            int status,
            HeaderFields extraFields,
            String body,
            @Nullable HandshakeFault fault) implements Answer {
        /**
         * Checks status and fields.
         *
         * @throws IllegalArgumentException if the status is out of range, or if the application sets a field that is decided
         *     by the handshake
         */
        public Refused {
            if (status < 300 || status > 599) {
                throw new IllegalArgumentException("status of a refusal is " + status + ", range 300 to 599");
            }
            if (fault == null) {
                FieldName.requireFree(extraFields);
            }
        }

        /** The refusal that answers a fault. It holds nothing that the peer sent. */
        public static Refused of(HandshakeFault fault) {
            String body = fault.description() + " (" + fault.section() + ")\n";
            return new Refused(fault.status(), fieldsOf(fault), body, fault);
        }

        /**
         * A refusal by the application.
         *
         * @param status 300 to 599
         * @param extraFields such as Location, WWW-Authenticate or Retry-After
         * @param body plain text; may be empty
         * @throws IllegalArgumentException if the status is out of range, or a field is decided by the handshake
         */
        public static Refused of(int status, HeaderFields extraFields, String body) {
            return new Refused(status, extraFields, body, null);
        }

        private static HeaderFields fieldsOf(HandshakeFault fault) {
            HeaderFields.Builder fields = HeaderFields.builder();
            if (fault == HandshakeFault.METHOD_NOT_GET) {
                fields.addValid(FieldName.ALLOW, "GET");
            } else if (fault.status() == 426) {
                fields.addValid(FieldName.UPGRADE, "websocket");
                fields.addValid(FieldName.SEC_WEBSOCKET_VERSION, ServerHandshake.VERSION);
            } else if (fault == HandshakeFault.INVALID_VERSION) {
                fields.addValid(FieldName.SEC_WEBSOCKET_VERSION, ServerHandshake.VERSION);
            }
            return fields.build();
        }

        @Override
        public ResponseHead head() {
            return head(body.getBytes(UTF_8).length);
        }

        private ResponseHead head(int bodyBytes) {
            HeaderFields.Builder fields = HeaderFields.builder().addAll(extraFields);
            // An Upgrade field needs its connection option beside it (RFC 9110 §7.8).
            boolean offersUpgrade = extraFields.contains(FieldName.UPGRADE);
            fields.addValid(FieldName.CONNECTION, offersUpgrade ? "Upgrade, close" : "close");
            if (bodyBytes > 0) {
                fields.addValid(FieldName.CONTENT_TYPE, "text/plain; charset=utf-8");
            }
            fields.addValid(FieldName.CONTENT_LENGTH, Integer.toString(bodyBytes));
            return new ResponseHead(HttpVersion.HTTP_1_1, status, ResponseHead.reasonOf(status), fields.build());
        }

        @Override
        public byte[] toBytes() {
            byte[] bytes = body.getBytes(UTF_8);
            byte[] head = head(bytes.length).toBytes();
            byte[] response = Arrays.copyOf(head, head.length + bytes.length);
            System.arraycopy(bytes, 0, response, head.length, bytes.length);
            return response;
        }
    }
}
