package io.duplex.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine commandLine = Main.commandLine(arguments);
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "serve --port 70000 | --port: port is 70000",
                "serve --port x | 'x' is not an int",
                "serve --io tokio | --io: no I/O kind 'tokio'",
                "serve --threads 0 | --threads: threads is 0",
                "serve --max-message 0 | '0' is no number of bytes",
                "serve --max-message 3g | '3g' is no number of bytes",
                "serve --idle-timeout -1 | '-1' is no time in seconds",
                "serve --ping-interval soon | 'soon' is no time in seconds",
                "serve --compression maybe | maybe",
                "serve --allow-origin chat.example | --allow-origin:",
                "serve --tls-cert cert.pem | --tls-key",
                "serve --tls-cert missing.pem --tls-key missing.pem | --tls-cert: cannot read 'missing.pem'",
                "serve --host nowhere.invalid | --host: no address is known",
                "serve --legacy hixie-76 | --legacy-origin",
                "serve --legacy hixie-74 --legacy-origin http://a.example | 'hixie-74' is no legacy version",
                "serve --legacy hixie-76 --legacy-origin a.example | --legacy-origin: 'a.example' is not an origin",
                "serve here | here",
                "connect | URL",
                "connect http://127.0.0.1/ | is no WebSocket URI",
                "connect ws://127.0.0.1/ --header x | 'x' is no header",
                "connect ws://127.0.0.1/ --header Host:x | Host is decided by the handshake",
                "connect ws://127.0.0.1/ --protocol , | subprotocol",
                "echo-client --connect-timeout x | 'x' is no time in seconds",
                "dance | duplex: there is no command 'dance';",
                "serv | there is no command 'serv'; did you mean serve?",
                "conect ws://127.0.0.1/ | there is no command 'conect'; did you mean connect",
                "serve --xort 1 | duplex serve: there is no option '--xort';",
                "serve --portt 1 | duplex serve: there is no option '--portt'; did you mean --port?",
                "serve here | duplex serve: nothing takes 'here'",
                "`` | a command is missing"
            })
    void wrongUsageIsToldInOneLine(String arguments, String complaint) {
        String[] words = arguments.isEmpty() ? new String[0] : arguments.split(" ");
        assertThat(run(words)).isEqualTo(64);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().replace("\"", "'"))
                .contains(complaint)
                .contains("--help")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"serve", "demo"})
    void helpNamesEveryOptionWithItsDefault(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString())
                .contains("--host", "--port", "9001", "--io", "--threads", "--max-message", "--idle-timeout", "300")
                .contains("--ping-interval", "25", "--compression", "--allow-origin", "--tls-cert", "--tls-key")
                .contains("--faults", "Exit status");
    }

    @Test
    void helpListsTheCommands() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("Servers:", "demo", "serve", "Clients:", "connect", "echo-client")
                .contains("Examples:", "Exit status");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "4096, 4096", "64k, 65536", "16m, 16777216", "16M, 16777216", "2147483647, 2147483647"})
    void byteCountsTakeSuffixes(String text, int bytes) {
        assertThat(new ByteCount().convert(text)).isEqualTo(bytes);
    }
}
