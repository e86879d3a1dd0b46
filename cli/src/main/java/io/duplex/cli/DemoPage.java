package io.duplex.cli;

import io.duplex.handshake.HeaderFields;
import io.duplex.server.HttpResponse;
import io.duplex.server.WebSocketServer;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** The demo page: files from the jar, as ordinary answers. */
final class DemoPage {
    private DemoPage() {}

    /** Adds the page at {@code /} and its files beside it. */
    static void addTo(WebSocketServer.Builder builder) throws IOException {
        add(builder, "/", "index.html", "text/html; charset=utf-8");
        add(builder, "/demo.css", "demo.css", "text/css; charset=utf-8");
        add(builder, "/demo.js", "demo.js", "text/javascript; charset=utf-8");
        add(builder, "/favicon.svg", "favicon.svg", "image/svg+xml");
    }

    /** Adds a file of the page. */
    static void add(WebSocketServer.Builder builder, String path, String file, String contentType) throws IOException {
        HeaderFields fields = HeaderFields.builder()
                .add("Content-Type", contentType)
                .add("Cache-Control", "no-cache")
                .add("X-Content-Type-Options", "nosniff")
                .add(
                        "Content-Security-Policy",
                        "default-src 'self'; connect-src 'self' http: https: ws: wss:; img-src 'self' data:")
                .build();
        HttpResponse answer = new HttpResponse(200, fields, read(file));
        builder.httpRoute(path, request -> answer);
    }

    private static byte[] read(String file) throws IOException {
        try (InputStream in = DemoPage.class.getResourceAsStream("demo/" + file)) {
            if (in == null) {
                throw new FileNotFoundException("demo/" + file + " is missing in the jar");
            }
            return in.readAllBytes();
        }
    }
}
