package io.duplex.server;

import io.duplex.handshake.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy says at the start of a connection about the client on whose behalf it made it: the PROXY protocol, version 1
 * (text) and 2 (binary), as HAProxy's specification has it.
 *
 * @param source the client; {@code null} if the proxy speaks for itself, or does not know
 * @param isSecure whether the client uses TLS towards the proxy, as version 2 can say
 */
record ProxyHeader(@Nullable InetSocketAddress source, boolean isSecure) {
    /** More than any proxy sends. Addresses take at most 232 bytes; the rest are extensions, which are skipped. */
    static final int MAX_BYTES = 4096;

    private static final ProxyHeader NOBODY = new ProxyHeader(null, false);

    private static final int MAX_V1_BYTES = 107;
    private static final byte[] V1_START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] V2_START = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
    private static final int V2_FIXED_BYTES = 16;
    private static final int STREAM = 1;
    private static final int INET = 1;
    private static final int INET6 = 2;
    private static final int UNIX = 3;
    private static final int UNIX_BYTES = 216;
    private static final int TLV_CRC32C = 0x03;
    private static final int TLV_SSL = 0x20;
    private static final int CLIENT_SSL = 0x01;

    /**
     * Reads a header, and advances behind it.
     *
     * @param in from the first byte of the connection on
     * @return {@code null} if more bytes are needed; then {@code in} is as it was
     * @throws IllegalArgumentException as soon as it can be no header
     */
    static @Nullable ProxyHeader parse(ByteBuffer in) {
        int start = in.position();
        if (!in.hasRemaining()) {
            return null;
        }
        ProxyHeader header = in.get(start) == V2_START[0] ? parseV2(in) : parseV1(in);
        if (header == null) {
            in.position(start);
        }
        return header;
    }

    private static boolean startsWith(ByteBuffer in, byte[] start) {
        int length = Math.min(in.remaining(), start.length);
        for (int i = 0; i < length; i++) {
            if (in.get(in.position() + i) != start[i]) {
                throw new IllegalArgumentException("no PROXY protocol header");
            }
        }
        return length == start.length;
    }

    // Version 1

    private static @Nullable ProxyHeader parseV1(ByteBuffer in) {
        if (!startsWith(in, V1_START)) {
            return null;
        }
        int limit = Math.min(in.remaining(), MAX_V1_BYTES);
        int length = 0;
        while (length < limit && in.get(in.position() + length) != '\n') {
            length++;
        }
        if (length == limit) {
            if (limit == MAX_V1_BYTES) {
                throw new IllegalArgumentException("line of the PROXY header is longer than " + MAX_V1_BYTES);
            }
            return null;
        }
        byte[] line = new byte[length];
        in.get(line).get();
        if (line[length - 1] != '\r') {
            throw new IllegalArgumentException("line of the PROXY header does not end in CR LF");
        }
        return parseLine(new String(line, 0, length - 1, StandardCharsets.ISO_8859_1));
    }

    private static ProxyHeader parseLine(String line) {
        String[] words = line.split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return NOBODY; // whatever follows
        }
        int addressBytes = words[1].equals("TCP4") ? 4 : words[1].equals("TCP6") ? 16 : 0;
        if (words.length != 6 || addressBytes == 0) {
            throw new IllegalArgumentException("PROXY header does not name two TCP ends");
        }
        byte[] source = address(words[2], addressBytes);
        address(words[3], addressBytes);
        int port = port(words[4]);
        port(words[5]);
        return new ProxyHeader(socketAddress(source, port), false);
    }

    private static byte[] address(String text, int bytes) {
        byte[] address = IpAddress.parse(text);
        if (address == null || address.length != bytes) {
            throw new IllegalArgumentException("PROXY header has an address that is none of its kind");
        }
        return address;
    }

    private static int port(String text) {
        boolean isNumber = !text.isEmpty()
                && text.length() <= 5
                && text.chars().allMatch(c -> c >= '0' && c <= '9')
                && (text.length() == 1 || text.charAt(0) != '0');
        int port = isNumber ? Integer.parseInt(text) : -1;
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("PROXY header has a port that is none");
        }
        return port;
    }

    // Version 2

    private static @Nullable ProxyHeader parseV2(ByteBuffer in) {
        if (!startsWith(in, V2_START) || in.remaining() < V2_FIXED_BYTES) {
            return null;
        }
        ByteBuffer header = in.duplicate();
        int start = header.position();
        header.position(start + V2_START.length);
        int version = header.get() & 0xFF;
        int family = header.get() & 0xFF;
        int length = header.getShort() & 0xFFFF;
        if (version != 0x20 && version != 0x21) {
            throw new IllegalArgumentException("PROXY header has another version or command");
        }
        if (V2_FIXED_BYTES + length > MAX_BYTES) {
            throw new IllegalArgumentException("PROXY header is longer than " + MAX_BYTES);
        }
        if (header.remaining() < length) {
            return null;
        }
        int end = header.position() + length;
        header.limit(end);
        ProxyHeader parsed = version == 0x20 ? parseLocal(header, family, start) : parseBody(header, family, start);
        in.position(end);
        return parsed;
    }

    /** The proxy speaks for itself: addresses count for nothing, nor does their family, but a checksum behind them does. */
    private static ProxyHeader parseLocal(ByteBuffer header, int family, int start) {
        int addressBytes = switch (family >> 4) {
            case INET -> 12;
            case INET6 -> 36;
            case UNIX -> UNIX_BYTES;
            default -> 0;
        };
        if (header.remaining() >= addressBytes) {
            header.position(header.position() + addressBytes);
            checkUnspecified(header, start);
        }
        return NOBODY;
    }

    private static ProxyHeader parseBody(ByteBuffer header, int family, int start) {
        int protocol = family & 0x0F;
        if (family == 0) {
            checkUnspecified(header, start);
            return NOBODY;
        }
        if (protocol != STREAM) {
            throw new IllegalArgumentException("PROXY header is of no stream");
        }
        InetSocketAddress source = switch (family >> 4) {
            case INET -> addresses(header, 4);
            case INET6 -> addresses(header, 16);
            case UNIX -> {
                skip(header, UNIX_BYTES);
                yield null;
            }
            default -> throw new IllegalArgumentException("PROXY header has an unknown family");
        };
        return new ProxyHeader(source, parseExtensions(header, start));
    }

    /** Without a family there are no addresses, but what follows may be anything: only a checksum that stands there counts. */
    private static void checkUnspecified(ByteBuffer header, int start) {
        while (header.remaining() >= 3) {
            int type = header.get() & 0xFF;
            int length = header.getShort() & 0xFFFF;
            if (length > header.remaining()) {
                return;
            }
            if (type == TLV_CRC32C && length == Integer.BYTES) {
                checkSum(header, start, header.position(), length);
            }
            header.position(header.position() + length);
        }
    }

    private static InetSocketAddress addresses(ByteBuffer header, int addressBytes) {
        if (header.remaining() < 2 * addressBytes + 4) {
            throw new IllegalArgumentException("PROXY header is too short for its addresses");
        }
        byte[] source = new byte[addressBytes];
        header.get(source);
        skip(header, addressBytes);
        int port = header.getShort() & 0xFFFF;
        skip(header, 2);
        return socketAddress(source, port);
    }

    private static void skip(ByteBuffer header, int bytes) {
        if (header.remaining() < bytes) {
            throw new IllegalArgumentException("PROXY header ends too early");
        }
        header.position(header.position() + bytes);
    }

    /** Looks through type, length and value of each extension; returns whether the client uses TLS. */
    private static boolean parseExtensions(ByteBuffer header, int start) {
        boolean secure = false;
        while (header.hasRemaining()) {
            if (header.remaining() < 3) {
                throw new IllegalArgumentException("PROXY header ends inside an extension");
            }
            int type = header.get() & 0xFF;
            int length = header.getShort() & 0xFFFF;
            int at = header.position();
            skip(header, length);
            if (type == TLV_SSL && length > 0) {
                secure = (header.get(at) & CLIENT_SSL) != 0;
            } else if (type == TLV_CRC32C) {
                checkSum(header, start, at, length);
            }
        }
        return secure;
    }

    /** Over the whole header, with the sum itself as zeros. */
    private static void checkSum(ByteBuffer header, int start, int at, int length) {
        byte[] all = new byte[header.limit() - start];
        header.duplicate().position(start).get(all);
        CRC32C sum = new CRC32C();
        sum.update(all, 0, at - start);
        sum.update(new byte[Integer.BYTES]);
        sum.update(all, Math.min(at - start + Integer.BYTES, all.length), Math.max(0, all.length - (at - start) - 4));
        if (length != Integer.BYTES || header.getInt(at) != (int) sum.getValue()) {
            throw new IllegalArgumentException("PROXY header has a wrong checksum");
        }
    }

    private static InetSocketAddress socketAddress(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // the length is right
        }
    }
}
