package io.duplex.conformance.hostile;

import static io.duplex.conformance.hostile.Attacker.BINARY;
import static io.duplex.conformance.hostile.Attacker.FIN;
import static io.duplex.conformance.hostile.Attacker.TEXT;
import static io.duplex.conformance.hostile.Attacker.frame;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** What is done to the process itself, by its operating system or by who runs it. */
class HostileProcessIT {
    private static final int PEERS = 50;

    @Test
    void sigtermUnderLoadSays1001ToAllBehindTheirMessages() throws Exception {
        try (Victim victim = Victim.start()) {
            List<Thread> senders = new ArrayList<>();
            ConcurrentLinkedQueue<Integer> codes = new ConcurrentLinkedQueue<>();
            ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();
            for (int i = 0; i < PEERS; i++) {
                Attacker peer = Attacker.open(victim.port(), "/echo");
                Thread sender = new Thread(() -> {
                    byte[] message = frame(FIN | TEXT, new byte[100]);
                    while (peer.trySend(message)) {
                        Thread.onSpinWait();
                    }
                });
                sender.setDaemon(true);
                senders.add(sender);
                Thread reader = new Thread(() -> {
                    try {
                        // Each echo is whole, or closeCode would take part of one for a frame.
                        codes.add(peer.closeCode());
                        peer.close();
                    } catch (IOException e) {
                        lost.add(String.valueOf(e));
                    }
                });
                senders.add(reader);
            }
            senders.forEach(Thread::start);
            while (victim.log().isEmpty() && senders.stream().noneMatch(Thread::isAlive)) {
                Thread.onSpinWait();
            }
            long begin = System.nanoTime();
            victim.signal("TERM");
            assertThat(victim.exitStatus()).isEqualTo(143);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
            for (Thread each : senders) {
                each.join(Duration.ofSeconds(60).toMillis());
            }
            assertThat(lost).isEmpty();
            assertThat(codes).hasSize(PEERS).containsOnly(1001);
        }
    }

    @Test
    void messagesThatWereAcceptedAreDeliveredBeforeTheEnd() throws Exception {
        try (Victim victim = Victim.start();
                Attacker slow = Attacker.openNarrow(victim.port(), "/echo")) {
            byte[] message = new byte[200_000];
            slow.send(frame(FIN | BINARY, message));
            // That the answer begins shows that the message has been accepted.
            assertThat(slow.read(10)).hasSize(10);
            victim.signal("TERM");
            assertThat(slow.read(message.length)).hasSize(message.length);
            assertThat(slow.closeCode()).isEqualTo(1001);
            slow.shutdownOutput();
            assertThat(victim.exitStatus()).isEqualTo(143);
        }
    }

    @Test
    void peersThatDoNotAnswerHoldItUpNoLongerThanTheDeadline() throws Exception {
        try (Victim victim = Victim.start("--faults");
                Attacker silent = Attacker.openNarrow(victim.port(), "/flood")) {
            silent.send(frame(FIN | TEXT, new byte[1]));
            Attacker.open(victim.port(), "/never-read").send(frame(FIN | TEXT, new byte[1]));
            victim.mustEcho();
            long begin = System.nanoTime();
            victim.signal("TERM");
            assertThat(victim.exitStatus()).isEqualTo(143);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    void aServerThatWasStoppedGoesOn() throws Exception {
        try (Victim victim = Victim.start("--ping-interval", "1", "--idle-timeout", "3");
                Attacker peer = Attacker.open(victim.port(), "/echo")) {
            victim.signal("STOP");
            long begin = System.nanoTime();
            List<Attacker> waiting = new ArrayList<>();
            while (Duration.ofNanos(System.nanoTime() - begin).toMillis() < 4_000) {
                if (waiting.size() < 100) {
                    waiting.add(Attacker.connect(victim.port()).send(Attacker.request("/echo")));
                }
                Thread.onSpinWait();
            }
            peer.send(frame(FIN | TEXT, "while it stood".getBytes(UTF_8)));
            victim.signal("CONT");
            assertThat(new String(peer.message(), UTF_8)).isEqualTo("while it stood");
            for (Attacker each : waiting) {
                assertThat(each.head()).startsWith("HTTP/1.1 101 ");
                each.close();
            }
            victim.mustEcho();
            assertThat(victim.log()).as("no handler is blamed").doesNotContain("blocked");
        }
    }

    @Test
    void theAcceptorOutlivesAWantOfFileHandles() throws Exception {
        try (Victim victim = Victim.start(List.of("bash", "-c", "ulimit -n 200; exec \"$0\" \"$@\""))) {
            List<Attacker> attackers = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                attackers.add(Attacker.connect(victim.port()));
            }
            long begin = System.nanoTime();
            while (!victim.log().contains("accepting a connection failed")) {
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(60));
                Thread.onSpinWait();
            }
            for (Attacker each : attackers) {
                each.close();
            }
            victim.mustEcho();
            assertThat(victim.log().lines().filter(line -> line.contains("accepting a connection failed")))
                    .as("it does not say so again and again")
                    .hasSizeLessThan(20);
        }
    }
}
