package io.duplex.polling.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.testkit.Covers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Covers({"FB-3", "FB-6"})
class OpenerTest {
    private static RequestHead request(String method, @Nullable String origin, @Nullable String site) {
        HeaderFields.Builder fields = HeaderFields.builder().add("Host", "chat.example");
        if (origin != null) {
            fields.add("Origin", origin);
        }
        if (site != null) {
            fields.add("Sec-Fetch-Site", site);
        }
        return new RequestHead(method, "/chat", HttpVersion.HTTP_1_1, fields.build());
    }

    @ParameterizedTest
    @CsvSource({
        // a page of the server's own origin opens by GET, which browsers send without Origin
        ", POST, https://chat.example, same-origin, true",
        ", POST, https://evil.example, cross-site, false",
        ", POST, null, cross-site, false",
        ", GET, , same-origin, true",
        ", GET, , cross-site, false",
        // programs
        ", POST, , , true",
        ", GET, , , true",
        // a page of another origin
        "https://friend.example, POST, https://friend.example, cross-site, true",
        "https://friend.example, POST, https://chat.example, same-origin, false",
        "https://friend.example, POST, , , false",
        "https://friend.example, GET, , , true",
        "https://friend.example, GET, , cross-site, false"
    })
    void aRequestIsOfThePageThatOpenedTheSession(
            @Nullable String opened, String method, @Nullable String origin, @Nullable String site, boolean same) {
        assertThat(new Opener(opened).sends(request(method, origin, site), true))
                .isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({
        ", cross-site, true",
        ", same-origin, false",
        ", same-site, false",
        ", none, false",
        ", , false",
        "https://evil.example, cross-site, false"
    })
    void aPageThatDoesNotSayWhichIsHidden(@Nullable String origin, @Nullable String site, boolean hidden) {
        assertThat(Opener.isHidden(request("GET", origin, site).fields())).isEqualTo(hidden);
    }
}
