package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocketHandler;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.VirtualLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Connections that join topics, on one loop without a network. */
class TopicMembers {
    static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    final Topics topics = new Topics();
    final VirtualLoop loop = new VirtualLoop();
    final MemoryNetwork network = new MemoryNetwork(loop, topics);
    private final List<Member> members = new ArrayList<>();

    /** A server's connection that may join topics, and what its client gets. */
    record Member(MemoryLink link, RecordingHandler client, VirtualLoop loop) {
        Connection socket() {
            return link.server();
        }

        List<String> received() {
            loop.run();
            List<String> lines = new ArrayList<>(client.take());
            lines.remove("open");
            return lines;
        }
    }

    Member member(WebSocketHandler server) {
        return member(network, loop, server);
    }

    Member member(MemoryNetwork on, VirtualLoop itsLoop, WebSocketHandler server) {
        RecordingHandler client = new RecordingHandler();
        Member member = new Member(on.connect(client, server), client, itsLoop);
        itsLoop.run();
        members.add(member);
        return member;
    }

    Member memberOf(String... joined) {
        Member member = member(NOTHING);
        for (String topic : joined) {
            member.socket().subscribe(topic);
        }
        return member;
    }

    @AfterEach
    void nobodyIsLeftBehind() {
        members.forEach(member -> member.socket().abort());
        members.forEach(member -> member.loop().run());
        members.forEach(member -> {
            assertThat(member.client().lines()).noneMatch(line -> line.contains("BROKEN"));
            assertThat(member.loop().shared().topics().size()).isZero();
        });
    }
}
