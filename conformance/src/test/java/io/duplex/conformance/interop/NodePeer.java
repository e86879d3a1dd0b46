package io.duplex.conformance.interop;

import java.io.IOException;
import java.util.List;

/** Processes of Node with its library ws. */
final class NodePeer {
    private NodePeer() {}

    /**
     * Starts our script with Node. Without node and npm the calling test is skipped, except in CI, where it fails.
     *
     * @param arguments of the script
     */
    static Process start(List<String> arguments) throws IOException {
        return NodeScripts.start(NodePeer.class, "peer.js", arguments);
    }
}
