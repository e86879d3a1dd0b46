package io.duplex.cli;

import io.duplex.client.Proxy;
import io.duplex.client.ProxyChoice;
import io.duplex.client.WebSocketClient;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            description =
                    "Connects through this proxy: [http|https|socks5://][user:password@]host[:port]; or 'env' for what"
                            + " https_proxy, http_proxy, all_proxy and no_proxy say. Default: none")
    private @Nullable String proxy;

    @Option(
            names = "--max-redirects",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Follows so many redirects, without --header's fields to other servers. Default: ${DEFAULT-VALUE}")
    private int maxRedirects;

    /**
     * A client with these options, on one event loop.
     *
     * @throws ParameterException if a header cannot be sent, or the proxy is none
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
        try {
            if (proxy != null) {
                builder.proxies(
                        proxy.equals("env") ? ProxyChoice.environment() : ProxyChoice.always(Proxy.parse(proxy)));
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--proxy: " + e.getMessage());
        }
        try {
            builder.maxRedirects(maxRedirects);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--max-redirects: " + e.getMessage());
        }
        if (insecure) {
            builder.insecureTrustAll();
        }
        return builder;
    }
}
