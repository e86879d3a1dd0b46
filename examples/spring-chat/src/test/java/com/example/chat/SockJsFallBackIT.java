package com.example.chat;

import com.example.chat.stomp.ChatApplication;
import jakarta.servlet.ServletContext;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;

/** STOMP over what SockJS has besides WebSocket. What pages have left is under way as long as nothing is sent by it. */
@SpringBootTest(
        classes = ChatApplication.class,
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = "server.shutdown=immediate")
class SockJsFallBackIT {
    @Autowired
    private ServletContext context;

    @Autowired
    private Environment environment;

    private String url() {
        return "http://localhost:" + environment.getProperty("local.server.port") + "/";
    }

    @Test
    void whereNoWebSocketGetsThroughAStreamCarriesTheChat() throws Exception {
        TwoWindows.requireContainer(context);
        TwoWindows.chatWithoutWebSocket(url(), "xhr-streaming");
    }

    @Test
    void twoWindowsChatByPolls() throws Exception {
        TwoWindows.requireContainer(context);
        TwoWindows.chatWithoutWebSocket(url() + "?transport=xhr-polling", "xhr-polling");
    }
}
