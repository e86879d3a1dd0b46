package com.example.chat;

import com.example.chat.endpoint.ChatApplication;
import jakarta.servlet.ServletContext;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;

@SpringBootTest(classes = ChatApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
class EndpointChatIT {
    @Autowired
    private ServletContext context;

    @Autowired
    private Environment environment;

    private String url() {
        return "http://localhost:" + environment.getProperty("local.server.port") + "/";
    }

    @Test
    void twoWindowsChat() throws Exception {
        TwoWindows.requireContainer(context);
        TwoWindows.chat(url());
    }
}
