package io.duplex.polling;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;

/** Answers each request as a test says, which may be against all rules. Thread-safe. */
final class RubbishServer implements AutoCloseable {
    private final Function<String, byte[]> answers;
    private final KeptSockets sockets = new KeptSockets("rubbish-server");

    /** @param answers gives the whole answer to a request line; an empty one closes the connection */
    RubbishServer(Function<String, byte[]> answers) throws IOException {
        this.answers = answers;
        sockets.accept(this::serve);
    }

    String uri() {
        return "ws://127.0.0.1:" + sockets.port() + "/chat";
    }

    /** An answer with the length of its body. */
    static byte[] answer(int status, String type, byte[] body) {
        String head = "HTTP/1.1 " + status + " X\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length
                + "\r\n\r\n";
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(body);
        return all.toByteArray();
    }

    private void serve(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        while (true) {
            String head = head(in);
            if (head.isEmpty()) {
                return;
            }
            in.readNBytes(contentLength(head));
            byte[] answer = answers.apply(head.substring(0, head.indexOf('\r')));
            if (answer.length == 0) {
                return;
            }
            client.getOutputStream().write(answer);
        }
    }

    private static int contentLength(String head) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                .mapToInt(line ->
                        Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
                .findFirst()
                .orElse(0);
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int b; (b = in.read()) >= 0; ) {
            head.append((char) b);
            if (b == '\n' && head.toString().endsWith("\r\n\r\n")) {
                return head.toString();
            }
        }
        return "";
    }

    @Override
    public void close() throws IOException {
        sockets.close();
    }
}
