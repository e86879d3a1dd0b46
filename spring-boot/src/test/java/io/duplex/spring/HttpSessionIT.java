package io.duplex.spring;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.session.MapSession;
import org.springframework.session.MapSessionRepository;
import org.springframework.session.config.annotation.web.http.EnableSpringHttpSession;
import org.springframework.session.events.SessionDeletedEvent;

/** Who logs out is cut off, whoever keeps the HTTP sessions. */
@Timeout(240)
class HttpSessionIT {
    @Nested
    @SpringBootTest(classes = TestApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
    class OfTheContainer {
        @Autowired
        private Environment environment;

        private final User user = new User();

        @AfterEach
        void close() {
            user.close();
        }

        @Test
        void logoutClosesTheConnectionsOfTheSessionAlone() throws Exception {
            user.logsOutAndIsCutOff(environment);
        }

        @Test
        void aSessionWithANewIdIsTheSame() throws Exception {
            user.isAt(environment);
            user.get("/begin");
            CompletableFuture<CloseOutcome> ended = user.connect();
            user.get("/login");
            user.get("/logout");
            assertThat(ended.get(60, SECONDS).status().code()).isEqualTo(CloseCode.POLICY_VIOLATION);
        }
    }

    @Nested
    @SpringBootTest(
            classes = {TestApplication.class, WithSpringSession.class},
            webEnvironment = WebEnvironment.RANDOM_PORT)
    class OfSpringSession {
        @Autowired
        private Environment environment;

        private final User user = new User();

        @AfterEach
        void close() {
            user.close();
        }

        @Test
        void logoutClosesTheConnectionsOfTheSessionAlone() throws Exception {
            user.logsOutAndIsCutOff(environment);
        }
    }

    /** Keeps sessions in memory, and tells when they end as a store would. */
    @EnableSpringHttpSession
    static class WithSpringSession {
        @Bean
        MapSessionRepository sessions(ApplicationEventPublisher events) {
            return new MapSessionRepository(new ConcurrentHashMap<>()) {
                @Override
                public void deleteById(String id) {
                    MapSession session = findById(id);
                    super.deleteById(id);
                    events.publishEvent(new SessionDeletedEvent(this, session));
                }
            };
        }
    }

    /** A browser with cookies. */
    private static final class User {
        private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
        private final HttpClient http =
                HttpClient.newBuilder().cookieHandler(cookies).build();
        private final WebSocketClient client = WebSocketClient.create();
        private String address = "";

        void isAt(Environment environment) {
            address = "://localhost:" + environment.getProperty("local.server.port");
        }

        void logsOutAndIsCutOff(Environment environment) throws Exception {
            isAt(environment);
            CompletableFuture<CloseOutcome> stranger = connect();
            get("/begin");
            CompletableFuture<CloseOutcome> ended = connect();
            get("/logout");
            assertThat(ended.get(60, SECONDS).status().code()).isEqualTo(CloseCode.POLICY_VIOLATION);
            assertThat(stranger).isNotDone();
        }

        void get(String path) throws Exception {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http" + address + path)).build();
            assertThat(http.send(request, BodyHandlers.discarding()).statusCode())
                    .isEqualTo(200);
        }

        /** Returns how the connection ends. */
        CompletableFuture<CloseOutcome> connect() throws Exception {
            CompletableFuture<Void> greeted = new CompletableFuture<>();
            CompletableFuture<CloseOutcome> ended = new CompletableFuture<>();
            String cookie = cookies.getCookieStore().getCookies().stream()
                    .map(HttpCookie::toString)
                    .collect(Collectors.joining("; "));
            var request = client.request("ws" + address + "/greet/alice");
            if (!cookie.isEmpty()) {
                request = request.header("Cookie", cookie);
            }
            request.connect(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    greeted.complete(null);
                }

                @Override
                public void onClose(WebSocket socket, CloseOutcome outcome) {
                    ended.complete(outcome);
                }
            });
            greeted.get(60, SECONDS);
            return ended;
        }

        void close() {
            client.close();
        }
    }
}
