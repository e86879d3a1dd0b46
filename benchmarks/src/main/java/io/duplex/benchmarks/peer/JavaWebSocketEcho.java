package io.duplex.benchmarks.peer;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.java_websocket.WebSocket;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.DefaultSSLWebSocketServerFactory;
import org.java_websocket.server.WebSocketServer;

/** Java-WebSocket: its selector thread and one thread that decodes, the fewest it has. */
final class JavaWebSocketEcho extends WebSocketServer {
    private final PeerOptions options;
    private final Set<WebSocket> subscribers = ConcurrentHashMap.newKeySet();

    private JavaWebSocketEcho(PeerOptions options) {
        super(options.address(), 1, List.of(new Draft_6455(new PerMessageDeflateExtension())));
        this.options = options;
    }

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        JavaWebSocketEcho server = new JavaWebSocketEcho(options);
        server.setTcpNoDelay(true);
        server.setConnectionLostTimeout(0);
        server.setMaxPendingConnections(PeerOptions.BACKLOG);
        if (options.tls()) {
            server.setWebSocketFactory(new DefaultSSLWebSocketServerFactory(
                    PeerCertificate.create().context()));
        }
        server.run();
    }

    @Override
    public void onStart() {
        options.listening(getPort());
    }

    @Override
    public void onOpen(WebSocket socket, ClientHandshake handshake) {
        if (handshake.getResourceDescriptor().startsWith(PeerOptions.FANOUT)) {
            socket.setAttachment(PeerOptions.FANOUT);
            subscribers.add(socket);
        }
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
        socket.send(text);
    }

    @Override
    public void onMessage(WebSocket socket, ByteBuffer payload) {
        if (socket.getAttachment() == null) {
            socket.send(payload);
        } else {
            broadcast(payload, subscribers);
        }
    }

    @Override
    public void onClose(WebSocket socket, int code, String reason, boolean remote) {
        subscribers.remove(socket);
    }

    @Override
    public void onError(WebSocket socket, Exception error) {
        // a close follows
    }
}
