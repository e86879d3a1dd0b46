package com.example.chat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletContext;
import jakarta.websocket.server.ServerContainer;

/** Two people chat, each in a window. */
final class TwoWindows {
    private TwoWindows() {}

    static void chat(String url) throws Exception {
        try (Browser browser = Browser.start()) {
            Browser.Window one = browser.open(url);
            one.awaitLine("Connected");
            one.awaitLine("Welcome! Users online: ");
            Browser.Window two = browser.open(url);
            two.awaitLine("Welcome! Users online: ");
            talk(one, two);
            one.awaitLine("Somebody has left. Users online: 1");
        }
    }

    /**
     * The same over SockJS where no WebSocket gets through. Who leaves may break its last request off, so that the others learn of
     * it with the server's next heartbeat only.
     */
    static void chatWithoutWebSocket(String url, String transport) throws Exception {
        try (Browser browser = Browser.start()) {
            Browser.Window one = browser.openWithoutWebSocket(url);
            one.awaitLine("Welcome! Users online: ");
            Browser.Window two = browser.openWithoutWebSocket(url);
            two.awaitLine("Welcome! Users online: ");
            assertThat(one.transport()).isEqualTo(transport);
            assertThat(two.transport()).isEqualTo(transport);
            talk(one, two);
        }
    }

    private static void talk(Browser.Window one, Browser.Window two) throws Exception {
        one.send("hello from one \u00fc \ud83d\ude00");
        two.awaitLine("hello from one \u00fc \ud83d\ude00");
        one.awaitLine("hello from one \u00fc \ud83d\ude00");
        two.send("hello from two");
        one.awaitLine("hello from two");
        two.clickClose();
        two.awaitLine("Closed 1000");
    }

    /** The build says whose container is to serve. */
    static void requireContainer(ServletContext context) {
        String container = System.getProperty("chat.container");
        Object serving = context.getAttribute(ServerContainer.class.getName());
        assertThat(serving.toString()).startsWith(container == null ? "" : container);
    }
}
