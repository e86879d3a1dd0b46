package io.duplex.polling;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that opens sessions and holds a long poll of each, so that another process can measure what they cost. It opens as
 * many more as each line of its input says, and answers with the number that it holds.
 */
final class HeldPolls {
    private HeldPolls() {}

    /**
     * Runs until its input ends.
     *
     * @param args the port
     */
    public static void main(String[] args) throws IOException {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        List<SocketChannel> held = new ArrayList<>();
        ByteBuffer in = ByteBuffer.allocate(4096);
        try (var lines = new java.util.Scanner(System.in, StandardCharsets.UTF_8)) {
            while (lines.hasNextInt()) {
                for (int more = lines.nextInt(); more > 0; more--) {
                    held.add(hold(server, in));
                }
                System.out.println(held.size());
            }
        }
    }

    private static SocketChannel hold(InetSocketAddress server, ByteBuffer in) throws IOException {
        SocketChannel socket = SocketChannel.open(server);
        write(
                socket,
                "POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: 0\r\n\r\n");
        String answer = "";
        while (!answer.endsWith("}")) {
            in.clear();
            if (socket.read(in) < 0) {
                throw new IOException("server closed after " + answer);
            }
            answer += StandardCharsets.UTF_8.decode(in.flip());
        }
        String id = answer.replaceAll("(?s).*\"session\":\"([^\"]*)\".*", "$1");
        write(socket, "GET /chat?via=long&turn=1 HTTP/1.1\r\nHost: localhost\r\nDuplex-Session: " + id + "\r\n\r\n");
        return socket;
    }

    private static void write(SocketChannel socket, String request) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(request);
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }
}
