package io.duplex.conformance.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

/** A {@link SoakServer}, as its peers' process sees it. Thread-safe. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final Writer commands;
    private final int port;

    private ServerProcess(Process process) throws IOException {
        this.process = process;
        answers = process.inputReader();
        commands = process.outputWriter();
        port = Integer.parseInt(answer());
    }

    /** Starts it with this JVM's class path; it listens when this returns. */
    static ServerProcess start(List<String> jvmOptions) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), SoakServer.class.getName()));
        return new ServerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    int port() {
        return port;
    }

    synchronized Sample sample() throws IOException {
        return Sample.parse(ask("sample"));
    }

    synchronized void publish(String topic, String text) throws IOException {
        ask("publish " + topic + " " + text);
    }

    private String ask(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        return answer();
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the server's process has ended");
        }
        return line;
    }

    /** Ends the server's input, and waits until it has gone; its exit status is 0 if it went in peace. */
    int end() throws IOException, InterruptedException {
        commands.close();
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
