package io.duplex.client;

import io.duplex.HandshakeException;
import io.duplex.handshake.IpAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Asks a SOCKS 5 proxy for a tunnel (RFC 1928, RFC 1929). Confined to one thread at a time. */
final class Socks5 implements ProxyDialogue {
    private static final byte VERSION = 5;
    private static final byte AUTHENTICATION_VERSION = 1;
    private static final byte NO_AUTHENTICATION = 0;
    private static final byte USER_AND_PASSWORD = 2;
    private static final byte NONE_ACCEPTABLE = (byte) 0xFF;
    private static final byte CONNECT = 1;
    private static final byte IPV4 = 1;
    private static final byte NAME = 3;
    private static final byte IPV6 = 4;
    private static final int PORT_BYTES = 2;
    private static final int MAX_NAME_BYTES = 255;
    private static final byte[] NOTHING = {};

    /** What is waited for. */
    private enum State {
        METHOD,
        AUTHENTICATION,
        REPLY,
        OPEN
    }

    private final Proxy proxy;
    private final byte[] request;
    private State state = State.METHOD;
    private @Nullable HandshakeException refusal;

    /**
     * Creates a dialogue that has not begun.
     *
     * @param host a name, or an IP address without brackets
     * @throws IllegalArgumentException if the name is longer than 255 bytes
     */
    Socks5(Proxy proxy, String host, int port) {
        this.proxy = proxy;
        byte[] literal = IpAddress.parse(host);
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        if (literal == null && name.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("the host's name is longer than SOCKS 5 can say");
        }
        ByteBuffer bytes = ByteBuffer.allocate(literal == null ? 7 + name.length : 6 + literal.length);
        bytes.put(VERSION).put(CONNECT).put((byte) 0);
        if (literal == null) {
            bytes.put(NAME).put((byte) name.length).put(name);
        } else {
            bytes.put(literal.length == 4 ? IPV4 : IPV6).put(literal);
        }
        request = bytes.putShort((short) port).array();
    }

    @Override
    public byte[] start() {
        return proxy.user() == null
                ? new byte[] {VERSION, 1, NO_AUTHENTICATION}
                : new byte[] {VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD};
    }

    @Override
    public byte[] receive(ByteBuffer in) {
        if (refusal != null) {
            return NOTHING;
        }
        return switch (state) {
            case METHOD -> receiveMethod(in);
            case AUTHENTICATION -> receiveAuthentication(in);
            case REPLY -> receiveReply(in);
            case OPEN -> NOTHING;
        };
    }

    private byte[] receiveMethod(ByteBuffer in) {
        if (in.remaining() < 2) {
            return NOTHING;
        }
        byte version = in.get();
        byte method = in.get();
        String user = proxy.user();
        String password = proxy.password();
        if (version != VERSION) {
            return refuse("does not speak SOCKS 5");
        } else if (method == NO_AUTHENTICATION) {
            state = State.REPLY;
            return request;
        } else if (method == USER_AND_PASSWORD && user != null && password != null) {
            state = State.AUTHENTICATION;
            return credentials(user, password);
        } else if (method == NONE_ACCEPTABLE) {
            return refuse(user == null ? "wants a user and password" : "takes no user and password");
        }
        return refuse("chose authentication method " + Byte.toUnsignedInt(method) + ", which was not offered");
    }

    private static byte[] credentials(String user, String password) {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        byte[] secret = password.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(3 + name.length + secret.length)
                .put(AUTHENTICATION_VERSION)
                .put((byte) name.length)
                .put(name)
                .put((byte) secret.length)
                .put(secret)
                .array();
    }

    private byte[] receiveAuthentication(ByteBuffer in) {
        if (in.remaining() < 2) {
            return NOTHING;
        }
        in.get(); // a version, which proxies get wrong
        if (in.get() != 0) {
            return refuse("refused the user and password");
        }
        state = State.REPLY;
        return request;
    }

    private byte[] receiveReply(ByteBuffer in) {
        int at = in.position();
        int available = in.remaining();
        if (available >= 1 && in.get(at) != VERSION) {
            return refuse("does not speak SOCKS 5");
        }
        if (available >= 2 && in.get(at + 1) != 0) {
            return refuse("refused the tunnel: " + reason(in.get(at + 1)));
        }
        if (available < 5) {
            return NOTHING;
        }
        int addressBytes = switch (in.get(at + 3)) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> 1 + Byte.toUnsignedInt(in.get(at + 4));
            default -> -1;
        };
        if (addressBytes < 0) {
            return refuse("sent an address of no known type");
        }
        int length = 4 + addressBytes + PORT_BYTES;
        if (available >= length) {
            in.position(at + length);
            state = State.OPEN;
        }
        return NOTHING;
    }

    private static String reason(byte code) {
        return switch (code) {
            case 1 -> "general failure";
            case 2 -> "its rules do not allow it";
            case 3 -> "network unreachable";
            case 4 -> "host unreachable";
            case 5 -> "connection refused by the server";
            case 6 -> "time to live expired";
            case 7 -> "it does not know CONNECT";
            case 8 -> "it does not know this type of address";
            default -> "code " + Byte.toUnsignedInt(code);
        };
    }

    private byte[] refuse(String why) {
        refusal = new HandshakeException(why, null);
        return NOTHING;
    }

    @Override
    public boolean isOpen() {
        return state == State.OPEN;
    }

    @Override
    public boolean isRefused() {
        return refusal != null;
    }

    @Override
    public @Nullable HandshakeException refusal() {
        return refusal;
    }
}
