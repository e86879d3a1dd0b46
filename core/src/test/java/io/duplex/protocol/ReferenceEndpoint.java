package io.duplex.protocol;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.Violation;
import io.duplex.extension.DeflateParameters;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The receiving side of RFC 6455 and RFC 7692 once more, written to be plainly right and nothing else: it has all the input,
 * takes it byte by byte, copies everything, and shares no code with the engine. Its events are written as those of
 * {@link io.duplex.testkit.Script#joinedEvents()}; its masking key is 0.
 */
final class ReferenceEndpoint {
    /** Well-formed UTF-8 (Unicode, table 3-7): from and to for each byte of a character. */
    private static final int[][] CHARACTERS = {
        {0x00, 0x7F},
        {0xC2, 0xDF, 0x80, 0xBF},
        {0xE0, 0xE0, 0xA0, 0xBF, 0x80, 0xBF},
        {0xE1, 0xEC, 0x80, 0xBF, 0x80, 0xBF},
        {0xED, 0xED, 0x80, 0x9F, 0x80, 0xBF},
        {0xEE, 0xEF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF0, 0xF0, 0x90, 0xBF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF1, 0xF3, 0x80, 0xBF, 0x80, 0xBF, 0x80, 0xBF},
        {0xF4, 0xF4, 0x80, 0x8F, 0x80, 0xBF, 0x80, 0xBF},
    };

    private static final int WINDOW_BYTES = 1 << 15;

    private final Role role;
    private final Limits limits;
    private final DeflateParameters compression;
    private final byte[] input;
    private int position;

    private final List<String> events = new ArrayList<>();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private int messageOpcode;
    private boolean messageCompressed;
    private int messageFrames;
    private long messageWireBytes;
    private ByteArrayOutputStream message = new ByteArrayOutputStream();
    private List<Integer> character = new ArrayList<>();
    private Inflater inflater = new Inflater(true);
    private ByteArrayOutputStream window = new ByteArrayOutputStream();
    private boolean anyCompressedByte;

    /** Ends the run: the input is used up, or discarded from here on. */
    private static final class End extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Violation violation;

        Failure(Violation violation) {
            this.violation = violation;
        }
    }

    /** @param compression {@code null} without permessage-deflate */
    ReferenceEndpoint(Role role, Limits limits, DeflateParameters compression, byte[] input) {
        this.role = role;
        this.limits = limits;
        this.compression = compression;
        this.input = input;
    }

    ReferenceEndpoint run() {
        try {
            while (true) {
                frame();
            }
        } catch (Failure failure) {
            Violation violation = failure.violation;
            events.add("FAILED " + violation.name());
            sendClose(violation.closeCode(), violation.description());
        } catch (End end) {
            // no more input, or a Close frame
        } finally {
            inflater.end();
        }
        return this;
    }

    List<String> events() {
        return events;
    }

    String sent() {
        return HexFormat.of().formatHex(sent.toByteArray());
    }

    private int octet() {
        if (position == input.length) {
            throw new End();
        }
        return input[position++] & 0xFF;
    }

    private static void require(boolean rule, Violation violation) {
        if (!rule) {
            throw new Failure(violation);
        }
    }

    private void frame() {
        int b0 = octet();
        boolean fin = b0 >= 0x80;
        int rsv = b0 / 16 % 8;
        int opcode = b0 % 16;
        boolean control = opcode >= 8;
        require(opcode <= 2 || opcode >= 8 && opcode <= 10, Violation.RESERVED_OPCODE);
        boolean compressed = compression != null && rsv == 4;
        if (compressed) {
            require(opcode == 1 || opcode == 2, Violation.MISPLACED_COMPRESSION_BIT);
        } else {
            require(rsv == 0, Violation.RESERVED_BIT);
        }
        require(fin || !control, Violation.FRAGMENTED_CONTROL_FRAME);
        int b1 = octet();
        boolean masked = b1 >= 0x80;
        if (role == Role.SERVER) {
            require(masked, Violation.UNMASKED_CLIENT_FRAME);
        } else {
            require(!masked, Violation.MASKED_SERVER_FRAME);
        }
        int length = (int) length(b1 % 128, control);
        int[] key = new int[4];
        for (int i = 0; masked && i < 4; i++) {
            key[i] = octet();
        }
        if (!control) {
            beginDataFrame(opcode, compressed, length);
        }
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int i = 0; i < length; i++) {
            int octet = octet() ^ key[i % 4];
            if (control) {
                payload.write(octet);
            } else {
                dataOctet(octet);
            }
        }
        if (control) {
            endControlFrame(opcode, payload.toByteArray());
        } else if (fin) {
            endMessage();
        }
    }

    private long length(int shortLength, boolean control) {
        require(!control || shortLength <= 125, Violation.CONTROL_FRAME_TOO_LONG);
        long length = shortLength;
        if (shortLength >= 126) {
            int octets = shortLength == 126 ? 2 : 8;
            length = 0;
            for (int i = 0; i < octets; i++) {
                int octet = octet();
                require(octets == 2 || i > 0 || octet < 0x80, Violation.LENGTH_HIGH_BIT);
                length |= (long) octet << 8 * (octets - 1 - i);
                require(octets == 2 || i != 5 || length > 0, Violation.NON_MINIMAL_LENGTH);
                require(octets == 8 || i != 1 || length >= 126, Violation.NON_MINIMAL_LENGTH);
                require(length <= maxFrameBytes(), Violation.FRAME_TOO_BIG);
            }
        }
        require(control || length <= maxFrameBytes(), Violation.FRAME_TOO_BIG);
        return length;
    }

    private void beginDataFrame(int opcode, boolean compressed, int length) {
        if (opcode == 0) {
            require(messageOpcode != 0, Violation.UNEXPECTED_CONTINUATION);
            messageFrames++;
        } else {
            require(messageOpcode == 0, Violation.INTERLEAVED_MESSAGE);
            messageOpcode = opcode;
            messageCompressed = compressed;
            messageFrames = 1;
            messageWireBytes = 0;
            message = new ByteArrayOutputStream();
            character = new ArrayList<>();
            anyCompressedByte = false;
            resetInflater(takesOver());
        }
        require(messageFrames <= limits.maxFragments(), Violation.TOO_MANY_FRAGMENTS);
        messageWireBytes += length;
        int most = messageCompressed ? compressed(limits.maxMessageBytes()) : limits.maxMessageBytes();
        require(messageWireBytes <= most, Violation.MESSAGE_TOO_BIG);
    }

    private int maxFrameBytes() {
        boolean asMessage = compression != null && limits.maxFrameBytes() >= limits.maxMessageBytes();
        return asMessage
                ? Math.max(limits.maxFrameBytes(), compressed(limits.maxMessageBytes()))
                : limits.maxFrameBytes();
    }

    private static int compressed(int bytes) {
        return bytes + bytes / 16 + 64;
    }

    private boolean takesOver() {
        return compression != null
                && !(role == Role.SERVER
                        ? compression.clientNoContextTakeover()
                        : compression.serverNoContextTakeover());
    }

    private void dataOctet(int octet) {
        if (messageCompressed) {
            anyCompressedByte = true;
            inflate(octet);
        } else {
            messageOctet(octet);
        }
    }

    private void messageOctet(int octet) {
        require(message.size() < limits.maxMessageBytes(), Violation.MESSAGE_TOO_BIG);
        message.write(octet);
        if (messageOpcode == 1) {
            character.add(octet);
            int[] match = Arrays.stream(CHARACTERS)
                    .filter(this::beginsWithCharacter)
                    .findFirst()
                    .orElseThrow(() -> new Failure(Violation.INVALID_UTF8));
            if (match.length == 2 * character.size()) {
                character.clear();
            }
        }
    }

    private boolean beginsWithCharacter(int[] ranges) {
        if (2 * character.size() > ranges.length) {
            return false;
        }
        for (int i = 0; i < character.size(); i++) {
            if (character.get(i) < ranges[2 * i] || character.get(i) > ranges[2 * i + 1]) {
                return false;
            }
        }
        return true;
    }

    private void resetInflater(boolean keepWindow) {
        inflater.end();
        inflater = new Inflater(true);
        if (keepWindow) {
            byte[] all = window.toByteArray();
            inflater.setDictionary(all, Math.max(0, all.length - WINDOW_BYTES), Math.min(all.length, WINDOW_BYTES));
        } else {
            window = new ByteArrayOutputStream();
        }
    }

    private void inflate(int octet) {
        if (inflater.finished()) {
            resetInflater(true); // more blocks may follow one with BFINAL
        }
        inflater.setInput(new byte[] {(byte) octet});
        byte[] out = new byte[1];
        try {
            while (inflater.inflate(out) > 0) {
                window.write(out[0]);
                messageOctet(out[0] & 0xFF);
            }
        } catch (DataFormatException e) {
            throw new Failure(Violation.INVALID_DEFLATE_DATA);
        }
    }

    private void endMessage() {
        if (messageCompressed && anyCompressedByte && !inflater.finished()) {
            for (int octet : new int[] {0, 0, 0xFF, 0xFF, 3, 0}) { // the last two are an empty block with BFINAL
                require(!inflater.finished(), Violation.INVALID_DEFLATE_DATA);
                inflate(octet);
            }
            require(inflater.finished(), Violation.INVALID_DEFLATE_DATA);
        }
        require(character.isEmpty(), Violation.INVALID_UTF8);
        event(messageOpcode == 1 ? "TEXT" : "BINARY", messageOpcode == 1, message.toByteArray());
        messageOpcode = 0;
    }

    private void endControlFrame(int opcode, byte[] payload) {
        if (opcode == 8) {
            close(payload);
        }
        event(opcode == 9 ? "PING" : "PONG", false, payload);
        if (opcode == 9) {
            send(0x8A, payload);
        }
    }

    private void close(byte[] body) {
        require(body.length != 1, Violation.CLOSE_BODY_TOO_SHORT);
        int code = body.length == 0 ? CloseCode.NO_STATUS : (body[0] & 0xFF) * 256 + (body[1] & 0xFF);
        boolean valid = code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999;
        require(body.length == 0 || valid, Violation.INVALID_CLOSE_CODE);
        String reason = "";
        if (body.length > 2) {
            byte[] utf8 = Arrays.copyOfRange(body, 2, body.length);
            reason = new String(utf8, StandardCharsets.UTF_8);
            require(Arrays.equals(reason.getBytes(StandardCharsets.UTF_8), utf8), Violation.INVALID_CLOSE_REASON);
        }
        events.add("CLOSE_RECEIVED " + new CloseStatus(code, reason));
        sendClose(code, "");
        throw new End();
    }

    private void event(String name, boolean text, byte[] content) {
        String shown = text
                ? new String(content, StandardCharsets.UTF_8)
                : HexFormat.of().formatHex(content);
        events.add(content.length == 0 ? name : name + " " + shown);
    }

    private void sendClose(int code, String reason) {
        byte[] utf8 = reason.getBytes(StandardCharsets.UTF_8);
        ByteBuffer body =
                ByteBuffer.allocate(2 + utf8.length).putShort((short) code).put(utf8);
        send(0x88, code == CloseCode.NO_STATUS ? new byte[0] : body.array());
    }

    private void send(int firstByte, byte[] payload) {
        sent.writeBytes(Wire.of(role).frame(firstByte, payload).bytes());
    }
}
