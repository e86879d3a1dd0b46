package io.duplex.cli;

import io.duplex.client.WebSocketClient;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that all clients of the command have. */
final class ClientOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--header",
            paramLabel = "'NAME: VALUE'",
            converter = HeaderField.Converter.class,
            description =
                    "Adds a field to the request, such as 'Authorization: Bearer x'. Can be repeated. Default: none")
    private List<HeaderField> headers = List.of();

    @Option(
            names = "--insecure",
            description =
                    "Takes any TLS certificate, for any host. Dangerous: whoever stands in between can read and change"
                            + " everything. Default: certificates and host names are checked")
    private boolean insecure;

    /**
     * A client with these options, on one event loop.
     *
     * @throws ParameterException if a header cannot be sent
     */
    WebSocketClient.Builder builder() {
        WebSocketClient.Builder builder = WebSocketClient.builder();
        for (HeaderField header : headers) {
            try {
                builder.header(header.name(), header.value());
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--header: " + e.getMessage());
            }
        }
        if (insecure) {
            builder.insecureTrustAll();
        }
        return builder;
    }
}
