package io.duplex.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the {@code duplex} command. */
@Command(name = "duplex", description = "WebSockets from the command line.", mixinStandardHelpOptions = true)
public final class Main implements Runnable {
    private Main() {}

    /**
     * Runs the command and ends the JVM with its exit status.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
