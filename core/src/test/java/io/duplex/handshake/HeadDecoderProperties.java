package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

@Covers({"WS-10.7-1", "WS-4.2.1-0"})
class HeadDecoderProperties {
    private static final Limits SMALL =
            Limits.builder().maxHeaderBytes(200).maxHeaderFields(6).build();

    /** Head, fault, or neither, and how many bytes were taken. */
    private record Outcome(Object head, Object fault, int position) {
        static Outcome of(HeadDecoder<?> decoder, ByteBuffer in) {
            Object head = decoder.decode(in);
            return new Outcome(
                    head == null ? "none" : head, decoder.fault() == null ? "none" : decoder.fault(), in.position());
        }
    }

    private static HeadDecoder<?> decoder(boolean isRequest) {
        return isRequest
                ? HeadDecoder.forRequests(SMALL, new HeadScratch())
                : HeadDecoder.forResponses(SMALL, new HeadScratch());
    }

    @Property
    void anySplitGivesWhatTheWholeGives(
            @ForAll("almostHeads") String raw, @ForAll boolean isRequest, @ForAll Random random) {
        byte[] bytes = raw.getBytes(ISO_8859_1);
        Outcome whole = Outcome.of(decoder(isRequest), ByteBuffer.wrap(bytes));
        HeadDecoder<?> decoder = decoder(isRequest);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        ByteBuffer heap = ByteBuffer.wrap(bytes);
        Outcome split = Outcome.of(decoder, direct.limit(0));
        for (int end = 0; end < bytes.length && split.head().equals("none"); ) {
            end = Math.min(bytes.length, end + 1 + random.nextInt(1 + random.nextInt(20)));
            split = Outcome.of(decoder, (random.nextBoolean() ? direct : heap).limit(end));
        }
        assertThat(split).isEqualTo(whole);
    }

    @Property
    void aHeadThatIsWrittenIsReadBack(@ForAll("requests") RequestHead request) {
        ByteBuffer in = ByteBuffer.wrap(request.toBytes());
        assertThat(HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch()).decode(in))
                .isEqualTo(request);
        assertThat(in.hasRemaining()).isFalse();
    }

    @Property
    void everyRequestIsAnswered(@ForAll("requests") RequestHead request, @ForAll boolean isSecure) {
        Answer answer = ServerHandshake.builder().build().answer(request, isSecure);
        ResponseHead response =
                HeadDecoder.forResponses(Limits.DEFAULT, new HeadScratch()).decode(ByteBuffer.wrap(answer.toBytes()));
        assertThat(response).isEqualTo(answer.head());
    }

    /** Pieces of heads, right and wrong ones, in any order. */
    @Provide
    Arbitrary<String> almostHeads() {
        Arbitrary<String> pieces = Arbitraries.of(
                "GET / HTTP/1.1\r\n",
                "HTTP/1.1 101 \r\n",
                "GET ",
                "/a",
                " HTTP/1.1",
                "Host: h\r\n",
                "Upgrade: websocket\r\n",
                "Name",
                ":",
                " ",
                "\t",
                "value",
                "\r\n",
                "\r\n\r\n",
                "\r",
                "\n",
                "\0",
                "\u00e9",
                "x".repeat(60));
        Arbitrary<String> start = Arbitraries.of("GET / HTTP/1.1\r\n", "HTTP/1.1 101 X\r\nA: b\r\n", "");
        return Combinators.combine(start, pieces.list().ofMaxSize(14))
                .as((first, rest) -> first + String.join("", rest));
    }

    @Provide
    Arbitrary<RequestHead> requests() {
        Arbitrary<String> methods = Arbitraries.of("GET", "POST", "x!");
        Arbitrary<String> targets = Arbitraries.strings()
                .withCharRange('!', '~')
                .excludeChars('#')
                .ofMinLength(1)
                .ofMaxLength(12)
                .flatMap(text -> Arbitraries.of(text, "/" + text, "http://h/" + text));
        Arbitrary<HttpVersion> versions =
                Arbitraries.of(HttpVersion.HTTP_1_0, HttpVersion.HTTP_1_1, new HttpVersion(1, 7));
        return Combinators.combine(methods, targets, versions, fields().list().ofMaxSize(9))
                .as((method, target, version, lines) -> {
                    HeaderFields.Builder fields = HeaderFields.builder();
                    lines.forEach(line -> fields.add(line.get(0), line.get(1)));
                    return new RequestHead(method, target, version, fields.build());
                });
    }

    private static Arbitrary<List<String>> fields() {
        Arbitrary<String> names = Arbitraries.of(
                "Host",
                "Upgrade",
                "CONNECTION",
                "Sec-WebSocket-Key",
                "sec-websocket-version",
                "Sec-WebSocket-Protocol",
                "Sec-WebSocket-Extensions",
                "Origin",
                "Content-Length",
                "X-Any");
        Arbitrary<String> likely = Arbitraries.of(
                "h",
                "websocket",
                "keep-alive, Upgrade",
                Heads.KEY,
                "13",
                "8",
                "chat, a",
                "permessage-deflate",
                "http://h");
        Arbitrary<String> any = Arbitraries.strings()
                .withCharRange(' ', '~')
                .withCharRange('\u00a0', '\u00ff')
                .withChars('\t', ',', ':')
                .ofMaxLength(20);
        return Combinators.combine(names, Arbitraries.oneOf(likely, any)).as(List::of);
    }
}
