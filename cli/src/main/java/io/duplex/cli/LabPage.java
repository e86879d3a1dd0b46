package io.duplex.cli;

import io.duplex.server.WebSocketServer;
import java.io.IOException;
import java.net.InetAddress;

/** The lab's page and what it needs: our client of JavaScript, and the control of experiments. */
final class LabPage {
    private static final String[] CLIENT = {"index.js", "socket.js", "carriers.js", "block.js", "events.js"};

    private LabPage() {}

    /**
     * Adds the page at {@code /lab}.
     *
     * @param host where the servers of experiments listen
     */
    static void addTo(WebSocketServer.Builder builder, InetAddress host) throws IOException {
        DemoPage.add(builder, "/lab", "lab.html", "text/html; charset=utf-8");
        DemoPage.add(builder, "/lab.css", "lab.css", "text/css; charset=utf-8");
        DemoPage.add(builder, "/lab.js", "lab.js", "text/javascript; charset=utf-8");
        for (String file : CLIENT) {
            DemoPage.add(builder, "/client/" + file, "client/" + file, "text/javascript; charset=utf-8");
        }
        builder.route("/lab/control", handshake -> new LabControl(host));
    }
}
