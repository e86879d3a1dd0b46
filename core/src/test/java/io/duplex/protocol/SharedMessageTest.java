package io.duplex.protocol;

import static io.duplex.testkit.Script.client;
import static io.duplex.testkit.Script.server;
import static io.duplex.testkit.ScriptAssert.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.extension.DeflateParameters;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that many engines send. */
class SharedMessageTest {
    private static final PermessageDeflate ALWAYS =
            PermessageDeflate.builder().thresholdBytes(0).build();

    private static SharedMessage text(String text) {
        return new SharedMessage(true, text.getBytes(UTF_8));
    }

    private static DeflateParameters takeover(int windowBits) {
        return new DeflateParameters(false, false, windowBits, windowBits);
    }

    @Test
    void itIsSentLikeAnyOther() {
        assertThat(server().act(engine -> engine.sendShared(text("Hello")))).sends("8105 48656c6c6f");
        assertThat(server().act(engine -> engine.sendShared(new SharedMessage(false, new byte[] {1, 2}))))
                .sends("8202 0102");
        assertThat(client().maskingKeys(() -> 0x37fa213d).act(engine -> engine.sendShared(text("Hello"))))
                .sends("8185 37fa213d 7f9f4d5158");
        assertThat(text("Hello").length()).isEqualTo(5);
    }

    @Test
    void textThatIsNotUtf8CannotBeMade() {
        byte[] half = {'a', (byte) 0xC3};
        assertThatIllegalArgumentException().isThrownBy(() -> new SharedMessage(true, half));
        assertThat(new SharedMessage(false, half).length()).isEqualTo(2);
    }

    @Test
    void itWaitsForTheEndOfAMessageOfPartsLikeAnyOther() {
        assertThatIllegalStateException()
                .isThrownBy(() -> server().act(engine -> {
                    engine.sendTextPart(Hex.parse("61"), false);
                    engine.sendShared(text("Hello"));
                }));
    }

    @Test
    void aBigOneIsCopiedToTheHostsMemoryOnce() {
        SharedMessage big = new SharedMessage(false, new byte[100_000]);
        Script script = server().act(engine -> {
            engine.sendShared(big);
            engine.sendShared(big);
            engine.sendShared(new SharedMessage(false, new byte[50_000]));
        });
        Script receiver = client().receive(script.takeSent());
        assertThat(receiver.events()).hasSize(3);
        assertThat(script).givesBackAllMemory();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Covers({"PMD-6.1-3", "PMD-7.2.1-3"})
    void theCompressedFormIsMadeOnceAndIsTheSameForAll(boolean takesContextOver) {
        DeflateParameters agreed = new DeflateParameters(!takesContextOver, !takesContextOver, 15, 15);
        SharedMessage message = text("once ".repeat(100));
        ByteBuffer first = server().compression(takeover(15), ALWAYS)
                .act(engine -> engine.sendShared(message))
                .takeSent();
        ByteBuffer second = server().compression(agreed, ALWAYS)
                .act(engine -> {
                    engine.sendText("something before");
                    engine.sendShared(message);
                })
                .takeSent();
        assertThat(first.remaining()).isLessThan(50);
        assertThat(second.slice(second.limit() - first.remaining(), first.remaining()))
                .isEqualTo(first);
    }

    @Test
    @Covers("PMD-6.1-3")
    void whatIsShortOrDoesNotShrinkGoesPlain() {
        PermessageDeflate from10 =
                PermessageDeflate.builder().thresholdBytes(10).build();
        assertThat(server().compression(takeover(15), from10).act(engine -> engine.sendShared(text("123456789"))))
                .sends("8109 313233343536373839");
        byte[] random = new byte[300];
        new Random(7).nextBytes(random);
        SharedMessage message = new SharedMessage(false, random);
        for (int i = 0; i < 2; i++) {
            ByteBuffer sent = server().compression(takeover(15), ALWAYS)
                    .act(engine -> engine.sendShared(message))
                    .takeSent();
            assertThat(sent.get(0)).isEqualTo((byte) 0x82);
        }
    }

    /** Own and shared messages in any order, over every window. */
    @ParameterizedTest
    @ValueSource(ints = {8, 9, 10, 12, 15})
    @Covers({"PMD-7.2.1-3", "PMD-7.2.1-4"})
    void aReceiverUnderstandsOwnAndSharedMessagesInAnyOrder(int windowBits) {
        Random random = new Random(windowBits);
        List<String> expected = new ArrayList<>();
        List<SharedMessage> shared = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            shared.add(text(("{\"shared\": " + i + "} ").repeat(1 + random.nextInt(200))));
        }
        // Another engine has compressed them before, or will after.
        server().compression(takeover(windowBits), ALWAYS).act(engine -> engine.sendShared(shared.get(0)));
        Script sender = server().compression(takeover(windowBits), ALWAYS);
        for (int i = 0; i < 200; i++) {
            if (random.nextBoolean()) {
                String own = ("{\"own\": " + random.nextInt(5) + "} ").repeat(1 + random.nextInt(200));
                sender.act(engine -> engine.sendText(own));
                expected.add("TEXT " + own);
            } else {
                SharedMessage message = shared.get(random.nextInt(shared.size()));
                sender.act(engine -> engine.sendShared(message));
                expected.add("TEXT " + UTF_8.decode(ByteBuffer.wrap(message.payload())));
            }
        }
        Script receiver = client().compression(takeover(windowBits), ALWAYS).receive(sender.takeSent());
        assertThat(receiver.events()).isEqualTo(expected);
    }
}
