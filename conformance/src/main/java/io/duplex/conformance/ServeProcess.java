package io.duplex.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code duplex serve} as users start it, in a process of its own. Confined to one thread. */
final class ServeProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on (ws://\\S+) .*");

    private final Process process;
    private final String url;

    private ServeProcess(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    /** Starts it on a free port; it listens when this returns. */
    static ServeProcess start(Path jar) throws IOException {
        Process process = new ProcessBuilder(
                        AutobahnSuite.java(), "-jar", jar.toString(), "serve", "--port", "0", "--max-message", "16m")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        Matcher listening = LISTENING.matcher(String.valueOf(line));
        if (!listening.matches()) {
            process.destroy();
            throw new IOException("'" + line + "' is not the first line of a server that listens");
        }
        return new ServeProcess(process, listening.group(1));
    }

    /** Where it echoes. */
    String echoUrl() {
        return url + "/echo";
    }

    /** Sends SIGTERM. */
    @Override
    public void close() {
        process.destroy();
    }
}
