package io.duplex.benchmarks.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The floor: one selector, one buffer, one read and one write a turn; frames are unmasked where they lie and go back as their
 * bytes come. It checks nothing, assembles nothing and knows no message; no correct server can cost much less.
 */
final class PlainNio {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int MASK_BIT = 0x80;
    private static final int CLOSE = 8;
    private static final String KEY_FIELD = "Sec-WebSocket-Key: ";
    private static final int KEY_CHARS = 24;
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
    private final List<Connection> subscribers = new ArrayList<>();
    private final MessageDigest sha1;
    private final Selector selector;
    private final ServerSocketChannel listening;

    private PlainNio(PeerOptions options) throws IOException, GeneralSecurityException {
        sha1 = MessageDigest.getInstance("SHA-1");
        selector = Selector.open();
        listening = ServerSocketChannel.open().bind(options.address(), PeerOptions.BACKLOG);
        listening.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
    }

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        PlainNio server = new PlainNio(options);
        options.listening(server.listening.socket().getLocalPort());
        server.run();
    }

    private void run() throws IOException {
        while (true) {
            selector.select(this::ready);
        }
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Connection connection) {
            connection.ready();
            return;
        }
        try {
            SocketChannel accepted = listening.accept();
            if (accepted != null) {
                accepted.setOption(StandardSocketOptions.TCP_NODELAY, true).configureBlocking(false);
                new Connection(accepted);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Connection {
        private final SocketChannel channel;
        private final SelectionKey key;
        /** Of a frame whose header came in pieces. */
        private final byte[] header = new byte[14];

        private int headerBytes;
        /** What the next byte is masked with stands in the highest place. */
        private int mask;

        private long payloadLeft;
        private boolean open;
        private boolean subscribed;
        private boolean closing;
        /** What the socket would not take yet; empty if there is none. */
        private ByteBuffer unsent = ByteBuffer.allocate(0);

        Connection(SocketChannel channel) throws IOException {
            this.channel = channel;
            this.key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        void ready() {
            try {
                if (unsent.hasRemaining()) {
                    channel.write(unsent);
                    if (!unsent.hasRemaining()) {
                        key.interestOps(SelectionKey.OP_READ);
                    }
                } else if (!read()) {
                    end();
                }
            } catch (IOException e) {
                end();
            }
        }

        private void end() {
            if (subscribed) {
                subscribers.remove(this);
            }
            try {
                channel.close();
            } catch (IOException e) {
                // it is gone either way
            }
        }

        /** Returns whether the connection goes on. */
        private boolean read() throws IOException {
            buffer.clear();
            int bytes = channel.read(buffer);
            if (bytes <= 0) {
                return bytes == 0;
            }
            if (!open) {
                return upgrade(bytes);
            }
            buffer.position(0).limit(turnAround(bytes));
            if (subscribed && !closing) {
                for (Connection subscriber : subscribers) {
                    subscriber.write(buffer.duplicate());
                }
                return true;
            }
            write(buffer);
            return !closing || payloadLeft > 0;
        }

        private boolean upgrade(int bytes) throws IOException {
            byte[] head = new byte[bytes];
            buffer.get(0, head);
            String request = new String(head, StandardCharsets.ISO_8859_1);
            int at = request.indexOf(KEY_FIELD) + KEY_FIELD.length();
            if (at < KEY_FIELD.length() || !request.endsWith("\r\n\r\n")) {
                return false;
            }
            byte[] accept =
                    sha1.digest((request.substring(at, at + KEY_CHARS) + GUID).getBytes(StandardCharsets.ISO_8859_1));
            String response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n";
            open = true;
            if (request.startsWith("GET " + PeerOptions.FANOUT)) {
                subscribed = true;
                subscribers.add(this);
            }
            write(ByteBuffer.wrap(response.getBytes(StandardCharsets.ISO_8859_1)));
            return true;
        }

        /**
         * Makes a client's frames a server's, in place: the answer is shorter, so it never overtakes what is to be read.
         *
         * @return where the answer ends
         */
        private int turnAround(int end) {
            int in = 0;
            int out = 0;
            while (in < end) {
                if (payloadLeft == 0) {
                    while (in < end && headerBytes < wanted()) {
                        header[headerBytes++] = buffer.get(in++);
                    }
                    int size = wanted();
                    if (headerBytes < size) {
                        break;
                    }
                    begin(size);
                    for (int i = 0; i < size - 4; i++) {
                        buffer.put(out++, header[i]);
                    }
                }
                int take = (int) Math.min(payloadLeft, end - in);
                unmask(in, out, take);
                in += take;
                out += take;
                payloadLeft -= take;
            }
            return out;
        }

        private int wanted() {
            if (headerBytes < 2) {
                return 6;
            }
            int length = header[1] & 0x7F;
            return length < 126 ? 6 : length == 126 ? 8 : 14;
        }

        private void begin(int size) {
            ByteBuffer fields = ByteBuffer.wrap(header);
            mask = fields.getInt(size - 4);
            payloadLeft = switch (size) {
                case 6 -> header[1] & 0x7F;
                case 8 -> fields.getChar(2);
                default -> fields.getLong(2);
            };
            header[1] = (byte) (header[1] & ~MASK_BIT);
            closing |= (header[0] & 0x0F) == CLOSE;
            headerBytes = 0;
        }

        private void unmask(int in, int out, int count) {
            long inOrder = (long) mask << 32 | mask & 0xFFFF_FFFFL;
            long word = buffer.order() == ByteOrder.BIG_ENDIAN ? inOrder : Long.reverseBytes(inOrder);
            int i = 0;
            for (; i + 8 <= count; i += 8) {
                buffer.putLong(out + i, buffer.getLong(in + i) ^ word);
            }
            for (; i < count; i++) {
                buffer.put(out + i, (byte) (buffer.get(in + i) ^ mask >> 24 - 8 * (i & 3)));
            }
            mask = Integer.rotateLeft(mask, 8 * (count & 3));
        }

        private void write(ByteBuffer bytes) throws IOException {
            if (!unsent.hasRemaining()) {
                channel.write(bytes);
            }
            if (bytes.hasRemaining()) {
                unsent = ByteBuffer.allocateDirect(unsent.remaining() + bytes.remaining())
                        .put(unsent)
                        .put(bytes)
                        .flip();
                key.interestOps(SelectionKey.OP_WRITE);
            }
        }
    }
}
