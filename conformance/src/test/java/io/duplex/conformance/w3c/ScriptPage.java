package io.duplex.conformance.w3c;

import io.duplex.Limits;
import io.duplex.client.WebSocketClient;
import io.duplex.client.w3c.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;

/**
 * A JavaScript engine with {@code BrowserWebSocket} as its global {@code WebSocket}, and an event loop of one thread, on which
 * everything happens: scripts, timers and events. Thread-safe.
 */
final class ScriptPage {
    private static final int PATIENCE_SECONDS = 90;
    private static final List<String> TESTS = List.of("constructor", "close", "send", "events");

    private final ScheduledThreadPoolExecutor loop = new ScheduledThreadPoolExecutor(1);
    /** Never accepts, and so never answers. */
    private final ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    private final WebSocketClient client;
    private final Environment environment;
    private final Context context;
    private final Value run;

    /** @param server such as {@code ws://127.0.0.1:8080} */
    ScriptPage(String server) throws Exception {
        URI uri = URI.create(server);
        client = WebSocketClient.builder()
                .insecureTrustAll()
                .limits(Limits.builder()
                        .maxMessageBytes(1 << 20)
                        .maxQueueBytes(64 << 20)
                        .build())
                .build();
        loop.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        environment = Environment.builder()
                .client(client)
                .executor(loop)
                .baseUrl(server.replace("ws", "http") + "/dir/page")
                .origin(ScriptServer.PAGE_ORIGIN)
                .onUncaught(this::onUncaught)
                .keepsJvmAlive(false)
                .build();
        context = onLoop(() -> createContext(server, uri));
        run = onLoop(() -> context.eval("js", "run"));
    }

    private Context createContext(String server, URI uri) throws IOException {
        Context created = Context.newBuilder("js")
                .allowAllAccess(true)
                .option("engine.WarnInterpreterOnly", "false")
                .build();
        Value global = created.getBindings("js");
        global.putMember("SERVER", server);
        global.putMember("HOST", uri.getAuthority());
        global.putMember("SILENT", uri.getScheme() + "://127.0.0.1:" + silent.getLocalPort() + "/");
        global.putMember("setTimeout", (ProxyExecutable) this::setTimeout);
        Value types = created.eval("js", """
                Object.fromEntries(['Event', 'CloseEvent', 'MessageEvent', 'BinaryType', 'BrowserWebSocket']
                    .map(name => [name, Java.type('io.duplex.client.w3c.' + name)]))
                """);
        created.eval(source("binding.js"))
                .executeVoid(created.eval("js", "globalThis"), new ScriptHost(environment), types);
        created.eval(source("harness.js"));
        for (String tests : TESTS) {
            created.eval("js", "area = '" + tests + "'");
            created.eval(source(tests + ".js"));
        }
        return created;
    }

    private static Source source(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ScriptPage.class.getResourceAsStream(name), name)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Source.newBuilder("js", text, name).build();
        }
    }

    private Object setTimeout(Value... arguments) {
        Value callback = arguments[0];
        loop.schedule(() -> callback.executeVoid(), arguments[1].asLong(), TimeUnit.MILLISECONDS);
        return 0;
    }

    /** On the loop, where listeners are called. */
    private void onUncaught(Throwable fault) {
        context.eval("js", "uncaught").executeVoid(String.valueOf(fault));
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loop.submit(task).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    List<String> tests() throws Exception {
        return onLoop(() -> List.of(context.eval("js", "Object.keys(tests)").as(String[].class)));
    }

    /**
     * Runs one test.
     *
     * @throws AssertionError if it fails
     */
    void run(String test) throws InterruptedException {
        CompletableFuture<Void> result = new CompletableFuture<>();
        ProxyExecutable passed = arguments -> result.complete(null);
        ProxyExecutable failed = arguments -> result.completeExceptionally(new AssertionError(arguments[0].asString()));
        loop.execute(() -> {
            try {
                run.executeVoid(test, passed, failed);
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        try {
            result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("not done after " + PATIENCE_SECONDS + " s", e);
        }
    }

    void close() throws Exception {
        environment.close();
        client.close();
        onLoop(() -> {
            context.close(true);
            return null;
        });
        loop.shutdownNow();
        silent.close();
    }
}
