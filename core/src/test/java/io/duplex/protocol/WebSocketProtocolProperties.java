package io.duplex.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** How the network cuts a stream makes no difference, and what comes of it is what plain reading of the RFC says. */
@Covers({"WS-6.2-1", "WS-10.7-1", "WS-7.1.7-5", "WS-5.4-14"})
class WebSocketProtocolProperties {
    /** Small, so that random streams get there. */
    private static final Limits LIMITS = Limits.builder()
            .maxMessageBytes(256)
            .maxFrameBytes(250)
            .maxFragments(4)
            .build();

    private static final DeflateParameters[] COMPRESSIONS = {
        null, new DeflateParameters(true, true, 15, 15), new DeflateParameters(false, false, 15, 15)
    };

    @Property(tries = 3000)
    void anyStreamGivesWhatTheReferenceGives(@ForAll Random random) {
        Role role = random.nextBoolean() ? Role.SERVER : Role.CLIENT;
        DeflateParameters compression = COMPRESSIONS[random.nextInt(COMPRESSIONS.length)];
        byte[] bytes = stream(random, role, compression != null);
        ReferenceEndpoint reference = new ReferenceEndpoint(role, LIMITS, compression, bytes).run();
        check(script(role, compression).receive(ByteBuffer.wrap(bytes)), reference);
        check(script(role, compression).inParts().receive(ByteBuffer.wrap(bytes)), reference);
        check(cut(script(role, compression).direct(), bytes, random), reference);
        check(cut(script(role, compression).inParts(), bytes, random), reference);
    }

    @Property(tries = 200)
    void everyCutInTwoGivesTheSame(@ForAll Random random) {
        Role role = random.nextBoolean() ? Role.SERVER : Role.CLIENT;
        DeflateParameters compression = COMPRESSIONS[random.nextInt(COMPRESSIONS.length)];
        byte[] bytes = stream(random, role, compression != null);
        ReferenceEndpoint reference = new ReferenceEndpoint(role, LIMITS, compression, bytes).run();
        for (int i = 0; i <= bytes.length; i++) {
            Script script = script(role, compression)
                    .receive(ByteBuffer.wrap(bytes, 0, i))
                    .receive(ByteBuffer.wrap(bytes, i, bytes.length - i));
            check(script, reference);
        }
        check(script(role, compression).receiveIn(1, ByteBuffer.wrap(bytes)), reference);
    }

    private static byte[] stream(Random random, Role receiver, boolean compressing) {
        Role sender = receiver == Role.SERVER ? Role.CLIENT : Role.SERVER;
        RandomStream stream = new RandomStream(random, sender, compressing);
        return random.nextInt(3) == 0 ? stream.valid(6) : stream.damaged(6);
    }

    private static Script script(Role role, DeflateParameters compression) {
        Script script = (role == Role.SERVER ? Script.server() : Script.client()).limits(LIMITS);
        return compression == null ? script : script.compression(compression, PermessageDeflate.DEFAULT);
    }

    private static Script cut(Script script, byte[] bytes, Random random) {
        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(1 + random.nextInt(40)));
            script.receive(ByteBuffer.wrap(bytes, from, to - from));
            from = to;
        }
        return script;
    }

    private static void check(Script script, ReferenceEndpoint reference) {
        assertThat(script.joinedEvents()).isEqualTo(reference.events());
        assertThat(script.sent()).isEqualTo(reference.sent());
        assertThat(script.end().buffers().outstanding()).isZero();
    }
}
