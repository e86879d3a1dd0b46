package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.handshake.HeaderFields;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who the client is, when 10.0.0.0/8 and fd00::/8 are trusted. */
class ForwardingTest {
    private static final Networks TRUSTED = Networks.parse("10.0.0.0/8", "fd00::/8");

    private static InetSocketAddress address(String ip, int port) throws Exception {
        return new InetSocketAddress(InetAddress.getByName(ip), port);
    }

    private static HeaderFields fields(String... namesAndValues) {
        HeaderFields.Builder fields = HeaderFields.builder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields.build();
    }

    /** As {@code 192.0.2.1:80 secure}; {@code null} if the fields are malformed. */
    private static String client(ForwardedHeader header, String peer, HeaderFields fields) throws Exception {
        Forwarding.Client client = new Forwarding(header, TRUSTED).find(address(peer, 4711), false, fields);
        return client == null ? null : client.address().toString().substring(1) + (client.isSecure() ? " secure" : "");
    }

    @Nested
    class ByXForwarded {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "192.0.2.1                       | 192.0.2.1:0",
                    "198.51.100.7, 192.0.2.1         | 192.0.2.1:0",
                    "192.0.2.1, 10.0.0.2, 10.0.0.3   | 192.0.2.1:0",
                    "10.9.9.9, 10.0.0.2              | 10.9.9.9:0",
                    "192.0.2.1:4242                  | 192.0.2.1:4242",
                    "192.0.2.1:99999                 | 192.0.2.1:0",
                    "192.0.2.1:x                     | 192.0.2.1:0",
                    "2001:db8::1                     | [2001:db8:0:0:0:0:0:1]:0",
                    "[2001:db8::1]                   | [2001:db8:0:0:0:0:0:1]:0",
                    "[2001:db8::1]:4242              | [2001:db8:0:0:0:0:0:1]:4242",
                    "192.0.2.1, unknown              | 10.0.0.1:4711",
                    "192.0.2.1, example.org, 10.0.0.2| 10.0.0.2:0",
                    "192.0.2.1,                      | 192.0.2.1:0",
                    ", ,192.0.2.1 , ,10.0.0.2,,      | 192.0.2.1:0",
                    ",                               | 10.0.0.1:4711",
                    "::1.2.3.4                       | [0:0:0:0:0:0:102:304]:0",
                    "[[2001:db8::1]]                 | 10.0.0.1:4711",
                    "::ffff:01.2.3.4                 | 10.0.0.1:4711",
                    "<script>, 192.0.2.1             | 192.0.2.1:0",
                })
        void theListIsWalkedFromTheRightWhileTheSpeakerIsTrusted(String list, String client) throws Exception {
            assertThat(client(ForwardedHeader.X_FORWARDED, "10.0.0.1", fields("X-Forwarded-For", list)))
                    .isEqualTo(client);
        }

        @Test
        void whoIsNotTrustedIsNotBelieved() throws Exception {
            HeaderFields fields = fields("X-Forwarded-For", "192.0.2.1", "X-Forwarded-Proto", "https");
            assertThat(client(ForwardedHeader.X_FORWARDED, "198.51.100.7", fields))
                    .isEqualTo("198.51.100.7:4711");
        }

        @Test
        void linesAreOneList() throws Exception {
            HeaderFields fields = fields("X-Forwarded-For", "192.0.2.1", "X-Forwarded-For", "10.0.0.2");
            assertThat(client(ForwardedHeader.X_FORWARDED, "10.0.0.1", fields)).isEqualTo("192.0.2.1:0");
        }

        @Test
        void theOtherFieldIsTheClientsOwnAndDoesNotCount() throws Exception {
            assertThat(client(ForwardedHeader.X_FORWARDED, "10.0.0.1", fields("Forwarded", "for=192.0.2.1")))
                    .isEqualTo("10.0.0.1:4711");
            assertThat(client(ForwardedHeader.FORWARDED, "10.0.0.1", fields("X-Forwarded-For", "192.0.2.1")))
                    .isEqualTo("10.0.0.1:4711");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "192.0.2.1           | https       | secure",
                    "192.0.2.1           | WSS         | secure",
                    "192.0.2.1           | http        | ''",
                    "192.0.2.1           | gopher      | ''",
                    "192.0.2.1, 10.0.0.2 | https, http | secure",
                    "192.0.2.1, 10.0.0.2 | https       | secure",
                    "198.51.100.7, 192.0.2.1, 10.0.0.2 | http, https, http | secure",
                    "198.51.100.7, 192.0.2.1 | https, http  | ''",
                    "198.51.100.7,, 192.0.2.1 | http, ,https, | secure",
                })
        void theProtocolIsThatOfTheClientsAddress(String list, String protocols, String secure) throws Exception {
            HeaderFields fields = fields("X-Forwarded-For", list, "X-Forwarded-Proto", protocols);
            assertThat(client(ForwardedHeader.X_FORWARDED, "10.0.0.1", fields))
                    .isEqualTo("192.0.2.1:0" + (secure.isEmpty() ? "" : " secure"));
        }

        @Test
        void theProtocolMayComeAlone() throws Exception {
            assertThat(client(ForwardedHeader.X_FORWARDED, "10.0.0.1", fields("X-Forwarded-Proto", "https")))
                    .isEqualTo("10.0.0.1:4711 secure");
        }
    }

    @Nested
    class ByForwarded { // RFC 7239
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '\'',
                value = {
                    "for=192.0.2.1                              | 192.0.2.1:0",
                    "For=192.0.2.1;Proto=https;by=10.0.0.1      | 192.0.2.1:0 secure",
                    "for=\"192.0.2.1:4242\"                     | 192.0.2.1:4242",
                    "for=\"[2001:db8::1]:4242\";proto=http      | [2001:db8:0:0:0:0:0:1]:4242",
                    "for=\"\\1\\92.0.2.1\"                      | 192.0.2.1:0",
                    "for=198.51.100.7, for=192.0.2.1            | 192.0.2.1:0",
                    "for=192.0.2.1;proto=https , for=10.0.0.2   | 192.0.2.1:0 secure",
                    "for=192.0.2.1;proto=https, for=10.0.0.2;proto=http | 192.0.2.1:0 secure",
                    "for=unknown                                | 10.0.0.1:4711",
                    "for=_hidden;proto=https                    | 10.0.0.1:4711 secure",
                    "for=\"a, for=198.51.100.9\", for=192.0.2.1 | 192.0.2.1:0",
                    "proto=https                                | 10.0.0.1:4711 secure",
                    "for=192.0.2.1;                             | 192.0.2.1:0",
                    "host=a.example;for=192.0.2.1               | 192.0.2.1:0",
                    "for=192.0.2.43,                            | 192.0.2.43:0",
                    ", ,for=192.0.2.43 ,, for=10.0.0.2,\t,      | 192.0.2.43:0",
                    ",                                          | 10.0.0.1:4711",
                    "for=192.0.2.43,;                           | 10.0.0.1:4711",
                    "for=\"[::1.2.3.4]\"                      | [0:0:0:0:0:0:102:304]:0",
                })
        void theListIsWalkedFromTheRightWhileTheSpeakerIsTrusted(String field, String client) throws Exception {
            assertThat(client(ForwardedHeader.FORWARDED, "10.0.0.1", fields("Forwarded", field)))
                    .isEqualTo(client);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "for=\"192.0.2.1",
                    "for=\"192.0.2.1\\",
                    "for=",
                    "for",
                    "for=192.0.2.1 x",
                    "for=192.0.2.1;for=192.0.2.2",
                    "proto=http;proto=https",
                    "for=[2001:db8::1]",
                    "for =192.0.2.1",
                    "for=192.0.2.1,,x",
                    "=192.0.2.1",
                })
        void whatBreaksTheGrammarIsRefusedAsNobodyCouldSayWhoWroteWhat(String field) throws Exception {
            assertThat(client(ForwardedHeader.FORWARDED, "10.0.0.1", fields("Forwarded", field)))
                    .isNull();
            assertThat(client(ForwardedHeader.FORWARDED, "198.51.100.7", fields("Forwarded", field)))
                    .as("of an untrusted peer")
                    .isEqualTo("198.51.100.7:4711");
        }
    }
}
