package io.duplex.conformance.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A client in Node: its script takes commands, one a line. */
final class NodeSession implements ForeignSession {
    private final Process node;
    private final Transcript transcript = new Transcript();
    private final CountDownLatch open = new CountDownLatch(1);

    private NodeSession(Process node) {
        this.node = node;
    }

    /**
     * Connects.
     *
     * @param compression the options of permessage-deflate as ws wants them, as JSON
     */
    static NodeSession connect(URI uri, String compression) throws Exception {
        NodeSession session = new NodeSession(NodePeer.start(List.of("client", uri.toString(), compression)));
        Thread reader = new Thread(session::read, "node-output");
        reader.setDaemon(true);
        reader.start();
        if (!session.open.await(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the client did not connect");
        }
        return session;
    }

    private void read() {
        try (BufferedReader lines = node.inputReader()) {
            lines.lines().forEach(this::arrived);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void arrived(String line) {
        String[] words = line.split(" ", -1);
        byte[] bytes = Base64.getDecoder().decode(words[words.length - 1]);
        switch (words[0]) {
            case "open" -> open.countDown();
            case "text" -> transcript.text(new String(bytes, StandardCharsets.UTF_8));
            case "binary" -> transcript.binary(ByteBuffer.wrap(bytes));
            default -> transcript.closed(Integer.parseInt(words[1]), new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private void command(String command, ByteBuffer bytes, String end) throws IOException {
        byte[] content = new byte[bytes.remaining()];
        bytes.get(content);
        String line = command + " " + Base64.getEncoder().encodeToString(content) + end + "\n";
        node.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
        node.getOutputStream().flush();
    }

    @Override
    public void sendText(String text) throws IOException {
        command("text", StandardCharsets.UTF_8.encode(text), "");
    }

    @Override
    public void sendBinary(ByteBuffer payload) throws IOException {
        command("binary", payload, "");
    }

    @Override
    public void close(int code, String reason) throws IOException {
        command("close", StandardCharsets.UTF_8.encode(reason), " " + code);
    }

    @Override
    public Transcript received() {
        return transcript;
    }

    @Override
    public void close() {
        node.destroy();
    }
}
