package io.duplex.conformance.interop;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The library ws of Node. */
final class NodeWsIT {
    private static String compression(boolean compressing) {
        return compressing ? "{\"threshold\": 0}" : "false";
    }

    @Nested
    class AsServer implements ForeignServerContract {
        @Override
        public ForeignServer start(boolean compressing) throws IOException {
            Process node = NodePeer.start(List.of("server", compression(compressing)));
            return new Running(node, Integer.parseInt(node.inputReader().readLine()));
        }
    }

    @Nested
    class AsClient implements ForeignClientContract {
        @Override
        public ForeignSession connect(URI uri, boolean compressing) throws Exception {
            return NodeSession.connect(uri, compression(compressing));
        }
    }

    private record Running(Process node, int port) implements ForeignServer {
        @Override
        public void close() {
            node.destroy();
        }
    }
}
