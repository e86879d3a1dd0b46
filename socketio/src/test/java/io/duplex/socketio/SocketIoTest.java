package io.duplex.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.SendStatus;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.VirtualLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;

class SocketIoTest {
    private final VirtualLoop loop = new VirtualLoop();
    private final MemoryNetwork network = new MemoryNetwork(loop);
    private final List<SocketIoSocket> sockets = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final CompletableFuture<Void> gate = new CompletableFuture<>();
    private final SocketIo io = SocketIo.builder()
            .connectTimeout(Duration.ZERO)
            .namespace("/", this::connected)
            .namespace("/gated", socket -> gate, this::connected)
            .build();

    private void connected(SocketIoSocket socket) {
        sockets.add(socket);
        socket.on("echo", event -> event.acknowledge(event.argument(0)));
        socket.on("join", event -> socket.join(event.argument(0).asString()));
        socket.on("say", event -> socket.others().emit("said", event.argument(0)));
        socket.onAny(event -> told.add(event.name() + " with " + event.size()));
        socket.onDisconnect(reason -> told.add("left: " + reason));
    }

    private final class Client {
        final RecordingHandler recorder = new RecordingHandler();
        final MemoryLink link = network.connect(recorder, io.apply(null));

        Client() {
            loop.run();
            recorder.take();
        }

        List<String> send(String... texts) {
            for (String text : texts) {
                link.client().send(text);
            }
            loop.run();
            return received();
        }

        List<String> received() {
            return recorder.take().stream()
                    .map(line -> line.replaceFirst("^text ", ""))
                    .toList();
        }

        Client connect() {
            send("0");
            return this;
        }
    }

    @Test
    void aClientConnectsToANamespaceAndGetsItsId() {
        List<String> answers = new Client().send("0{\"token\":\"x\"}");

        assertThat(sockets).hasSize(1);
        assertThat(sockets.get(0).id()).hasSize(20);
        assertThat(sockets.get(0).auth()).isNotNull();
        assertThat(answers).containsExactly("0{\"sid\":\"" + sockets.get(0).id() + "\"}");
        assertThat(io.of("/").sockets()).containsExactly(sockets.get(0));
    }

    @Test
    void anUnknownNamespaceIsRefused() {
        assertThat(new Client().send("0/none,")).containsExactly("4/none,{\"message\":\"Invalid namespace\"}");
    }

    @Test
    void anEventIsAcknowledgedOnce() {
        Client client = new Client().connect();

        assertThat(client.send("27[\"echo\",{\"a\":[1]}]")).containsExactly("37[{\"a\":[1]}]");
        assertThat(client.send("2[\"echo\",1]")).isEmpty();
    }

    @Test
    void binaryArgumentsComeAndGo() {
        Client client = new Client().connect();
        client.link.client().send("51-1[\"echo\",{\"_placeholder\":true,\"num\":0}]");
        client.link.client().send(ByteBuffer.wrap(new byte[] {1, 2}));
        loop.run();

        assertThat(client.received()).containsExactly("61-1[{\"_placeholder\":true,\"num\":0}]", "binary 0102");
    }

    @Test
    void othersGetWhatOneSays() {
        Client one = new Client().connect();
        Client two = new Client().connect();

        assertThat(one.send("2[\"say\",\"hi\"]")).isEmpty();
        assertThat(two.received()).containsExactly("2[\"said\",\"hi\"]");
    }

    @Test
    void aRoomsMembersGetAnEventOnce() {
        Client one = new Client().connect();
        Client two = new Client().connect();
        one.send("2[\"join\",\"a\"]", "2[\"join\",\"b\"]");
        assertThat(io.of("/").to("a").to("b").emit("news", 1)).isEqualTo(1);
        loop.run();

        assertThat(one.received()).containsExactly("2[\"news\",1]");
        assertThat(two.received()).isEmpty();
        sockets.get(0).leave("a");
        assertThat(io.of("/").to("a").emit("news")).isZero();
        assertThat(sockets.get(0).rooms()).containsExactly("b");
    }

    @Test
    void theServerAsksAndIsAnswered() {
        Client client = new Client().connect();
        CompletableFuture<ArrayNode> answer = sockets.get(0).emitAndWait(Duration.ofHours(1), "ask", Map.of("a", 1));
        loop.run();

        assertThat(client.received()).containsExactly("20[\"ask\",{\"a\":1}]");
        client.send("30[\"yes\"]", "30[\"again\"]");
        assertThat(answer)
                .isCompletedWithValueMatching(data -> data.get(0).asString().equals("yes"));
    }

    @Test
    void whatIsAskedFailsWhenTheClientGoes() {
        Client client = new Client().connect();
        CompletableFuture<ArrayNode> answer = sockets.get(0).emitAndWait(Duration.ofHours(1), "ask");
        client.send("1");

        assertThat(answer).isCompletedExceptionally();
        assertThat(sockets.get(0).isConnected()).isFalse();
        assertThat(sockets.get(0).emit("late")).isEqualTo(SendStatus.REFUSED);
        assertThat(sockets.get(0).emitAndWait(Duration.ofHours(1), "late")).isCompletedExceptionally();
        assertThat(told).containsExactly("left: client namespace disconnect");
        assertThat(io.of("/").sockets()).isEmpty();
    }

    @Test
    void theServerDisconnectsASocketAndTheSessionStays() {
        Client client = new Client().connect();
        sockets.get(0).join("a");
        sockets.get(0).disconnect();
        loop.run();

        assertThat(client.received()).containsExactly("1");
        assertThat(told).containsExactly("left: server namespace disconnect");
        assertThat(client.send("2[\"lost\"]")).isEmpty();
        assertThat(client.send("0")).hasSize(1);
    }

    @Test
    void theEndOfTheSessionEndsItsSockets() {
        Client client = new Client().connect();
        client.link.client().close();
        loop.run();

        assertThat(told).containsExactly("left: transport close");
        assertThat(io.of("/").sockets()).isEmpty();
    }

    @Test
    void eventsWaitUntilTheGateIsOpen() {
        Client client = new Client();
        assertThat(client.send("0/gated,", "2/gated,[\"early\",1,2]")).isEmpty();
        assertThat(sockets).isEmpty();
        gate.complete(null);
        loop.run();

        assertThat(client.received())
                .containsExactly("0/gated,{\"sid\":\"" + sockets.get(0).id() + "\"}");
        assertThat(told).containsExactly("early with 2");
    }

    @Test
    void aGateThatOpensElsewhereTellsTheApplicationOnTheLoop() {
        Client client = new Client();
        client.send("0/gated,");
        loop.elsewhere(() -> gate.complete(null));
        assertThat(sockets).isEmpty();
        loop.run();

        assertThat(client.received())
                .containsExactly("0/gated,{\"sid\":\"" + sockets.get(0).id() + "\"}");
    }

    @Test
    void aGateTellsWhyNot() {
        Client client = new Client();
        client.send("0/gated,");
        gate.completeExceptionally(
                new ConnectRefusedException("not you", io.mapper().valueToTree(Map.of("a", 1))));
        loop.run();

        assertThat(client.received()).containsExactly("4/gated,{\"message\":\"not you\",\"data\":{\"a\":1}}");
        assertThat(io.of("/gated").sockets()).isEmpty();
    }

    @Test
    void aClientThatLeavesBeforeTheGateOpensIsNotLet() {
        Client client = new Client();
        client.send("0/gated,");
        client.send("1/gated,");
        gate.complete(null);
        loop.run();

        assertThat(sockets).isEmpty();
        assertThat(io.of("/gated").sockets()).isEmpty();
    }

    @Test
    void whatIsNoPacketEndsTheSession() {
        assertThat(new Client().send("nonsense"))
                .anyMatch(line -> line.startsWith("close 1008 parse error: a packet has an unknown type"));
    }

    @Test
    void theReasonForItHasNoWordsOfThePeer() { // RFC 6455 §5.5.1: at most 123 bytes
        assertThat(new Client().send("2abc[" + "\"x\",".repeat(100)))
                .anyMatch(line -> line.startsWith("close 1008 parse error: data is not JSON"));
        Client client = new Client().connect();
        assertThat(client.send("0"))
                .anyMatch(line -> line.startsWith("close 1008 parse error: a namespace is connected to already"));
    }

    @Test
    void nothingIsReadWhileAGateDecides() {
        Client client = new Client();
        client.send("0/gated,");
        for (int i = 0; i < 101; i++) {
            client.send("2/gated,[\"a\"]");
        }
        assertThat(told).isEmpty();
        gate.complete(null);
        loop.run();

        assertThat(told).hasSize(101);
    }

    @Test
    void reservedNamesAreRefused() {
        new Client().connect();

        assertThatThrownBy(() -> sockets.get(0).emit("disconnect")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sockets.get(0).on("connect", event -> {}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> io.of("/other")).hasMessageContaining("/gated");
    }

    @Test
    void namespacesHaveProperNames() {
        SocketIo.Builder builder = SocketIo.builder().namespace("/", socket -> {});

        assertThatThrownBy(() -> builder.namespace("a", socket -> {})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.namespace("/a,b", socket -> {})).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.namespace("/", socket -> {})).hasMessageContaining("already");
    }
}
