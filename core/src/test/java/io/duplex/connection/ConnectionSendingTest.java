package io.duplex.connection;

import static io.duplex.SendStatus.QUEUED;
import static io.duplex.SendStatus.REFUSED;
import static io.duplex.SendStatus.SENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.Role;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.protocol.SharedMessage;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes out, in which order, and what the sender is told. */
class ConnectionSendingTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private TestConnection connection = TestConnection.open(NOTHING);

    @AfterEach
    void promisesWereKept() {
        assertThat(connection.handler().lines()).noneMatch(line -> line.contains("BROKEN"));
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private void elsewhere(Runnable action) {
        connection.loop().elsewhere(action);
    }

    /** Sends on the loop, or as another thread. */
    private void on(boolean loop, Runnable action) {
        if (loop) {
            action.run();
        } else {
            elsewhere(action);
        }
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    @Covers({"WS-6.1-3", "WS-6.1-4", "WS-6.1-5"})
    void eachMethodSendsItsKindOfFrame(Role role) {
        connection = TestConnection.builder(NOTHING).role(role).open();
        for (boolean loop : new boolean[] {true, false}) {
            on(loop, () -> {
                WebSocket socket = connection.socket();
                assertThat(socket.send("Hällo \uD800")).isEqualTo(SENT);
                assertThat(socket.send(Hex.parse("0102"))).isEqualTo(SENT);
                assertThat(socket.sendText(utf8("bytes"))).isEqualTo(SENT);
                assertThat(socket.ping(Hex.parse("03"))).isEqualTo(SENT);
                assertThat(socket.pong(Hex.parse("04"))).isEqualTo(SENT);
                assertThat(socket.sendTextPart(utf8("Hel"), false)).isEqualTo(SENT);
                assertThat(socket.sendTextPart(utf8("lo"), true)).isEqualTo(SENT);
                assertThat(socket.sendBinaryPart(Hex.parse("05"), false)).isEqualTo(SENT);
                assertThat(socket.sendBinaryPart(Hex.parse(""), true)).isEqualTo(SENT);
            });
            assertThat(connection.peer().take())
                    .containsExactly(
                            "text Hällo \uFFFD",
                            "binary 0102",
                            "text bytes",
                            "ping 03",
                            "pong 04",
                            "text+ Hel",
                            "continuation lo",
                            "binary+ 05",
                            "continuation");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void buffersAreConsumedAndFreeAtOnce(boolean loop) {
        ByteBuffer payload = Hex.parse("010203");
        ByteBuffer text = utf8("abc");
        on(loop, () -> {
            connection.socket().send(payload);
            connection.socket().sendText(text);
        });
        assertThat(payload.hasRemaining()).isFalse();
        assertThat(text.hasRemaining()).isFalse();
        payload.put(0, (byte) 9);
        text.put(0, (byte) 'z');
        assertThat(connection.peer().received()).containsExactly("binary 010203", "text abc");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSharedMessageIsSentAsOftenAsOneLikes(boolean loop) {
        SharedMessage text = new SharedMessage(true, "all".getBytes(StandardCharsets.UTF_8));
        SharedMessage binary = new SharedMessage(false, new byte[] {7});
        on(loop, () -> {
            assertThat(connection.socket().send(text)).isEqualTo(SENT);
            assertThat(connection.socket().send(binary)).isEqualTo(SENT);
            assertThat(connection.socket().send(text)).isEqualTo(SENT);
        });
        assertThat(connection.peer().take()).containsExactly("text all", "binary 07", "text all");
        connection.socket().close();
        assertThat(connection.socket().send(text)).isEqualTo(REFUSED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Covers("WS-5.5-2")
    void whatMustNotBeSentIsTheCallersFault(boolean loop) {
        WebSocket socket = connection.socket();
        on(loop, () -> {
            assertThatIllegalArgumentException().isThrownBy(() -> socket.sendText(Hex.parse("ff")));
            assertThatIllegalArgumentException().isThrownBy(() -> socket.sendTextPart(Hex.parse("ff"), false));
            assertThatIllegalArgumentException().isThrownBy(() -> socket.sendTextPart(Hex.parse("c3"), true));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> socket.ping(ByteBuffer.allocate(126)))
                    .withMessageContaining("126");
            assertThatIllegalArgumentException().isThrownBy(() -> socket.pong(ByteBuffer.allocate(126)));
            socket.sendTextPart(Hex.parse("c3"), false);
            assertThatIllegalStateException().isThrownBy(() -> socket.sendBinaryPart(Hex.parse("00"), true));
            socket.sendTextPart(Hex.parse("a4"), true);
            socket.sendBinaryPart(Hex.parse("00"), false);
            assertThatIllegalStateException().isThrownBy(() -> socket.sendTextPart(utf8("a"), true));
            socket.sendBinaryPart(Hex.parse("01"), true);
        });
        assertThat(connection.peer().received())
                .containsExactly("text+ \uFFFD", "continuation \uFFFD", "binary+ 00", "continuation 01");
    }

    @Test
    void textThatWasReceivedIsPassedOnWithoutACopyInBetween() {
        connection = TestConnection.open(new WebSocketHandler() {
            @Override
            public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
                socket.sendText(utf8);
            }
        });
        connection.peer().send("Grüße");
        assertThat(connection.peer().received()).containsExactly("text Grüße");
    }

    @Nested
    class Order {
        @Test
        @Covers("WS-5.4-5")
        void whatOtherThreadsSentBeforeGoesOutBefore() {
            elsewhere(() -> connection.socket().send("1 elsewhere"));
            connection.socket().send("2 loop");
            elsewhere(() -> connection.socket().send("3 elsewhere"));
            connection.socket().send(Hex.parse("04"));
            elsewhere(() -> connection.socket().send("5 elsewhere"));
            connection.socket().sendText(utf8("6 loop"));
            elsewhere(() -> connection.socket().send("7 elsewhere"));
            connection.socket().ping(Hex.parse("08"));
            assertThat(connection.peer().received())
                    .containsExactly(
                            "text 1 elsewhere",
                            "text 2 loop",
                            "text 3 elsewhere",
                            "binary 04",
                            "text 5 elsewhere",
                            "text 6 loop",
                            "text 7 elsewhere",
                            "ping 08");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        @Covers({"WS-5.4-6", "WS-5.5.2-4"})
        void messagesWaitForTheEndOfAMessageOfPartsAndControlFramesDoNot(boolean loop) {
            on(loop, () -> connection.socket().sendTextPart(utf8("a"), false));
            connection.run();
            on(loop, () -> {
                connection.socket().send("behind");
                connection.socket().send(Hex.parse("01"));
                connection.socket().sendText(utf8("too"));
                connection.socket().ping(Hex.parse(""));
            });
            connection.peer().ping(Hex.parse("07"));
            assertThat(connection.peer().take()).containsExactly("text+ a", "ping", "pong 07");
            assertThat(connection.socket().bufferedAmount()).isEqualTo(2 + 6 + 2 + 1 + 2 + 3);
            on(loop, () -> connection.socket().sendTextPart(utf8("b"), true));
            assertThat(connection.peer().take())
                    .containsExactly("continuation b", "text behind", "binary 01", "text too");
            assertThat(connection.socket().bufferedAmount()).isZero();
        }

        @Test
        void allThatATurnSendsLeavesInOneWrite() {
            int before = connection.peer().incoming().writes();
            for (int i = 0; i < 100; i++) {
                connection.socket().send("message " + i);
            }
            connection.run();
            assertThat(connection.peer().incoming().writes() - before).isEqualTo(1);
            assertThat(connection.peer().received()).hasSize(100);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void partsOfTextThatComeAreSentOnWhereverTheyAreCut(boolean compressed) {
        TestConnection echo = TestConnection.builder(new WebSocketHandler() {
                    @Override
                    public Delivery delivery() {
                        return Delivery.PARTS;
                    }

                    @Override
                    public void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {
                        socket.sendTextPart(utf8, last);
                    }
                })
                .compression(compressed ? PermessageDeflate.DEFAULT : PermessageDeflate.DISABLED)
                .open();
        for (int size = 1; size < 12; size++) {
            int bytes = size;
            echo.peer().outgoing().readSizes(() -> bytes);
            echo.peer().send("\u20ac\u20ac\ud83d\ude00");
            String joined = String.join("", echo.peer().take());
            assertThat(joined).startsWith("text");
            assertThat(echo.faults()).isEmpty();
        }
    }

    @Nested
    class Backlog {
        private int queueUntilCongested() {
            connection.peer().stopReading();
            for (int i = 1; i < 100; i++) {
                SendStatus status = connection.socket().send(ByteBuffer.allocate(10_000));
                connection.run();
                if (status != SENT) {
                    assertThat(status).isEqualTo(QUEUED);
                    return i;
                }
            }
            throw new AssertionError("never congested");
        }

        @Test
        @Covers("WS-POL-7")
        void theStatusTellsWhetherAMessageMetABacklog() {
            int messages = queueUntilCongested();
            // What the network holds, and a high water mark of as much again.
            assertThat(messages * 10_000).isBetween(128 << 10, 150 << 10);
            assertThat(connection.socket().send("more")).isEqualTo(QUEUED);
            elsewhere(() -> assertThat(connection.socket().send("more")).isEqualTo(QUEUED));
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open");
            connection.peer().resumeReading();
            assertThat(connection.handler().lines()).containsExactly("open", "drain");
            assertThat(connection.socket().send("after")).isEqualTo(SENT);
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open", "drain");
        }

        @Test
        void aSharedMessageWaitsWithoutACopyAndCountsInFull() {
            queueUntilCongested();
            long before = connection.socket().bufferedAmount();
            SharedMessage message = new SharedMessage(true, "all".getBytes(StandardCharsets.UTF_8));
            assertThat(connection.socket().send(message)).isEqualTo(QUEUED);
            assertThat(connection.socket().send("own")).isEqualTo(QUEUED);
            assertThat(connection.socket().bufferedAmount() - before).isEqualTo(5 + 5);
            connection.peer().resumeReading();
            assertThat(connection.peer().received()).endsWith("text all", "text own");
        }

        @Test
        void bufferedAmountIsWhatTheNetworkHasNotTaken() {
            int messages = queueUntilCongested();
            long sent = messages * (10_000L + 4);
            assertThat(connection.socket().bufferedAmount()).isEqualTo(sent - (64 << 10));
            elsewhere(() -> connection.socket().send("12345"));
            assertThat(connection.socket().bufferedAmount()).isEqualTo(sent - (64 << 10) + 7);
            connection.run();
            assertThat(connection.socket().bufferedAmount()).isEqualTo(sent - (64 << 10) + 7);
            connection.peer().resumeReading();
            assertThat(connection.socket().bufferedAmount()).isZero();
        }

        @Test
        void onDrainComesOnceForEachBacklog() {
            for (int i = 0; i < 3; i++) {
                queueUntilCongested();
                connection.handler().take();
                connection.peer().resumeReading();
                assertThat(connection.handler().lines()).containsExactly("drain");
            }
        }

        @Test
        void onDrainMaySendUntilTheNextBacklog() {
            List<SendStatus> statuses = new ArrayList<>();
            connection = TestConnection.open(new WebSocketHandler() {
                private int left = 1000;

                @Override
                public void onOpen(WebSocket socket) {
                    sendOn(socket);
                }

                @Override
                public void onDrain(WebSocket socket) {
                    sendOn(socket);
                }

                private void sendOn(WebSocket socket) {
                    while (left > 0) {
                        left--;
                        SendStatus status = socket.send(ByteBuffer.allocate(5_000));
                        statuses.add(status);
                        if (status == QUEUED) {
                            return;
                        }
                    }
                }
            });
            connection.run();
            assertThat(statuses).hasSize(1000).doesNotContain(REFUSED).contains(QUEUED);
            assertThat(connection.peer().received()).hasSize(1000);
        }

        @Test
        void threadsThatAreFasterThanTheLoopMeetABacklog() {
            elsewhere(() -> {
                assertThat(connection.socket().send(ByteBuffer.allocate(65_000)))
                        .isEqualTo(SENT);
                assertThat(connection.socket().send(ByteBuffer.allocate(65_000)))
                        .isEqualTo(SENT);
                assertThat(connection.socket().send("third")).isEqualTo(QUEUED);
            });
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open", "drain");
            assertThat(connection.peer().received()).hasSize(3);
        }

        @Test
        void messagesBehindAMessageOfPartsAreQueued() {
            assertThat(connection.socket().sendTextPart(utf8("a"), false)).isEqualTo(SENT);
            assertThat(connection.socket().send("behind")).isEqualTo(QUEUED);
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open");
            connection.socket().sendTextPart(utf8("b"), true);
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open", "drain");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void whatWaitsBehindAMessageOfPartsIsNoBacklogToItsSender(boolean loop) {
            connection.socket().sendBinaryPart(Hex.parse("01"), false);
            assertThat(connection.socket().send(ByteBuffer.allocate(100_000))).isEqualTo(QUEUED);
            on(
                    loop,
                    () -> assertThat(connection.socket().sendBinaryPart(Hex.parse("02"), false))
                            .isEqualTo(SENT));
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void whoSendsPartsIsToldOfTheDrainThoughMessagesWaitBehindThem(boolean loop) {
            connection.peer().stopReading();
            on(loop, () -> {
                SendStatus status;
                do {
                    status = connection.socket().sendBinaryPart(ByteBuffer.allocate(10_000), false);
                } while (status == SENT);
                assertThat(status).isEqualTo(QUEUED);
            });
            assertThat(connection.socket().send("behind")).isEqualTo(QUEUED);
            connection.peer().resumeReading();
            assertThat(connection.handler().lines()).containsExactly("open", "drain");
            connection.socket().sendBinaryPart(Hex.parse(""), true);
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open", "drain", "drain");
        }

        @Test
        void aHandlerThatResumesInOnDrainReadsOn() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onDrain(WebSocket socket) {
                    socket.resume();
                }
            });
            connection.socket().pause();
            connection.peer().send("waits");
            connection.socket().sendTextPart(utf8("a"), false);
            connection.socket().send("behind");
            connection.socket().sendTextPart(utf8("b"), true);
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open", "drain", "text waits");
        }

        @Test
        void onDrainIsNotToldOnceClosing() {
            queueUntilCongested();
            connection.socket().close();
            connection.peer().resumeReading();
            assertThat(connection.handler().lines()).containsExactly("open");
        }
    }

    @Nested
    class NotOpen {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        @Covers("WS-6.1-1")
        void everyMethodRefuses(boolean loop) {
            connection.socket().close();
            on(loop, () -> {
                WebSocket socket = connection.socket();
                ByteBuffer payload = Hex.parse("01");
                assertThat(socket.send("text")).isEqualTo(REFUSED);
                assertThat(socket.send(payload)).isEqualTo(REFUSED);
                assertThat(socket.sendText(payload)).isEqualTo(REFUSED);
                assertThat(socket.sendTextPart(payload, false)).isEqualTo(REFUSED);
                assertThat(socket.sendTextPart(payload, true)).isEqualTo(REFUSED);
                assertThat(socket.sendBinaryPart(payload, true)).isEqualTo(REFUSED);
                assertThat(socket.ping(payload)).isEqualTo(REFUSED);
                assertThat(socket.pong(payload)).isEqualTo(REFUSED);
                assertThat(payload.remaining()).isEqualTo(1);
            });
            assertThat(connection.peer().received()).containsExactly("close 1000");
        }

        @Test
        void mailThatMetAClosedConnectionIsDropped() {
            elsewhere(() -> connection.socket().send("late"));
            connection.socket().onTransportClosed(null);
            connection.run();
            assertThat(connection.peer().received()).isEmpty();
            assertThat(connection.socket().bufferedAmount()).isZero();
        }

        @Test
        void aCloseThatWaitsInTheMailEndsTheLoopsSendsToo() {
            elsewhere(() -> connection.socket().close());
            assertThat(connection.socket().send("later than the close")).isEqualTo(REFUSED);
            assertThat(connection.socket().bufferedAmount()).isEqualTo(2);
            assertThat(connection.peer().received()).containsExactly("close 1000");
        }
    }
}
