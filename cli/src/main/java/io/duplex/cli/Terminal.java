package io.duplex.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody looks at what is printed, and what may be shown there. */
final class Terminal {
    private Terminal() {}

    /** Whether standard output is a terminal. */
    static boolean isOutput() {
        return isTerminal(Path.of("/proc/self/fd/1"));
    }

    /**
     * Whether the file is one. The JDK tells only whether input and output both are, which is the answer where the system does
     * not have such links.
     *
     * @param link the system's link to the open file
     */
    @SuppressWarnings("SystemConsoleNull") // where there is always one, text is shown as to a terminal
    static boolean isTerminal(Path link) {
        if (Files.isSymbolicLink(link)) {
            try {
                String file = Files.readSymbolicLink(link).toString();
                return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
            } catch (IOException unreadable) {
                return true;
            }
        }
        return System.console() != null;
    }

    /** The text without what commands a terminal: control characters other than line feeds and tabs. */
    static String showable(String text) {
        return text.replaceAll("[\\p{Cc}&&[^\\n\\t]]+", " ");
    }
}
