package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.CloseOutcome;
import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What all connections together may have waiting. */
class SendBudgetTest {
    private final AtomicInteger refused = new AtomicInteger();
    private final SendBudget budget = new SendBudget(1_000, refused::incrementAndGet);

    @Test
    void isNeverExceededByWhatAsksFirst() {
        assertThat(budget.tryTake(600)).isTrue();
        assertThat(budget.tryTake(401)).isFalse();
        assertThat(refused).hasValue(1);
        assertThat(budget.tryTake(400)).isTrue();
        assertThat(budget.left()).isZero();
        budget.give(1_000);
        assertThat(budget.left()).isEqualTo(1_000);
    }

    @Test
    void whoHasNothingWaitingMayBegin() {
        budget.take(5_000);
        assertThat(budget.isOver(0)).isFalse();
        assertThat(budget.isOver(1)).isTrue();
    }

    @Test
    void nobodyMayHaveMoreWaitingThanTheOthersHaveLeft() {
        budget.take(500);
        assertThat(budget.isOver(499)).isFalse();
        assertThat(budget.isOver(500)).isTrue();
        assertThat(refused).hasValue(1);
    }

    @Test
    void hasNoNegativeSize() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SendBudget(-1, () -> {}));
    }

    private static SendBudget scarce(TestConnection connection, long left) {
        SendBudget shared = connection.loop().shared().sendBudget();
        shared.take(shared.left() - left);
        return shared;
    }

    private static TestConnection open(SendPolicy policy) {
        return TestConnection.builder(new WebSocketHandler() {})
                .limits(Limits.builder().sendPolicy(policy).build())
                .open();
    }

    private static int sendUntilRefused(TestConnection connection) {
        connection.peer().stopReading();
        int accepted = 0;
        while (connection.socket().send(ByteBuffer.allocate(10_000)) != SendStatus.REFUSED) {
            connection.run();
            accepted++;
        }
        return accepted;
    }

    @Test
    void aPeerThatDoesNotReadIsClosedWith1013WhereOthersHoldMuch() {
        TestConnection connection = open(SendPolicy.close());
        scarce(connection, 200_000);
        assertThat(sendUntilRefused(connection)).isLessThan(100);
        connection.peer().resumeReading();
        assertThat(connection.peer().received()).last().asString().startsWith("close 1013");
        connection.peer().close();
        connection.peer().end();
        CloseOutcome outcome = Objects.requireNonNull(connection.handler().outcome());
        assertThat(outcome.detail()).contains("memory for sending");
    }

    @Test
    void itsOtherPoliciesHoldToo() {
        TestConnection connection = open(SendPolicy.dropNewest());
        SendBudget shared = scarce(connection, 200_000);
        long before = shared.left();
        sendUntilRefused(connection);
        assertThat(shared.left()).as("what waits is counted").isLessThan(before);
        assertThat(connection.socket().droppedMessages()).isEqualTo(1);
        connection.peer().resumeReading();
        connection.run();
        assertThat(shared.left()).as("and no longer when it has left").isEqualTo(before);
    }

    @Test
    void theEndOfAConnectionGivesAllBack() {
        TestConnection connection = open(SendPolicy.dropOldest());
        SendBudget shared = connection.loop().shared().sendBudget();
        long before = shared.left();
        connection.peer().stopReading();
        for (int i = 0; i < 100; i++) {
            connection.socket().send(ByteBuffer.allocate(10_000));
            connection.run();
        }
        connection.loop().elsewhere(() -> connection.socket().send("mail"));
        assertThat(shared.left()).isLessThan(before);
        connection.socket().abort();
        connection.run();
        assertThat(shared.left()).isEqualTo(before);
    }

    @Test
    void aMessageOfATopicCountsOnceHoweverManyWaitForIt() {
        SendBudget shared = new SendBudget(100_000, () -> {});
        Outbound message = Outbound.published(false, new byte[10_000], null, null);
        long before = shared.left();
        message.takeFrom(shared);
        long once = before - shared.left();
        message.takeFrom(shared);
        assertThat(before - shared.left()).isEqualTo(once).isGreaterThanOrEqualTo(10_000);
        message.giveBackTo(shared);
        assertThat(before - shared.left()).isEqualTo(once);
        message.giveBackTo(shared);
        assertThat(shared.left()).isEqualTo(before);
    }
}
