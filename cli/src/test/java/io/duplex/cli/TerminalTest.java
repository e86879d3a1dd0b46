package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminalTest {
    @TempDir
    private Path directory;

    @Test
    void isNotCommandedByWhatAPeerSends() {
        assertThat(Terminal.showable("\u001b]0;title\u0007 \u009b31m a\r\b\tb\nc é 😀"))
                .isEqualTo(" ]0;title   31m a \tb\nc é 😀");
    }

    @Test
    void isToldFromAPipeAndAFile() throws Exception {
        assertThat(Terminal.isTerminal(link("a", "/dev/pts/3"))).isTrue();
        assertThat(Terminal.isTerminal(link("b", "/dev/tty1"))).isTrue();
        assertThat(Terminal.isTerminal(link("c", "pipe:[4711]"))).isFalse();
        assertThat(Terminal.isTerminal(link("d", "/tmp/out"))).isFalse();
    }

    private Path link(String name, String target) throws Exception {
        return Files.createSymbolicLink(directory.resolve(name), Path.of(target));
    }
}
