package io.duplex.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.Role;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@Covers("PMD-POL-2")
class DeflatePoolTest {
    private final CountingZlib zlib = new CountingZlib();
    private final DeflatePool pool = new DeflatePool(zlib, 2, 3, 100);

    @Test
    void makesNothingAheadOfNeed() {
        assertThat(zlib.deflatersMade + zlib.inflatersMade).isZero();
    }

    @Test
    void keepsAFewObjectsAndEndsTheRest() {
        List<DeflatePool.LeasedDeflater> deflaters = new ArrayList<>();
        List<DeflatePool.LeasedInflater> inflaters = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            deflaters.add(pool.takeDeflater(1));
            inflaters.add(pool.takeInflater());
        }
        deflaters.forEach(pool::giveBack);
        inflaters.forEach(pool::giveBack);
        assertThat(zlib.deflatersAlive).isEqualTo(2);
        assertThat(zlib.inflatersAlive).isEqualTo(2);
        pool.trim();
        assertThat(zlib.deflatersAlive).isZero();
        assertThat(zlib.inflatersAlive).isZero();
    }

    @Test
    void lendsWhatWasGivenBackLastIfTheLevelIsRight() {
        DeflatePool.LeasedDeflater fast = pool.takeDeflater(1);
        DeflatePool.LeasedDeflater small = pool.takeDeflater(9);
        pool.giveBack(fast);
        pool.giveBack(small);
        assertThat(pool.takeDeflater(1)).isSameAs(fast);
        assertThat(pool.takeDeflater(1)).isNotSameAs(small);
        assertThat(pool.takeDeflater(9)).isSameAs(small);
    }

    @Test
    void endsTheObjectsThatWereUnusedLongest() {
        DeflatePool.LeasedDeflater[] deflaters = {pool.takeDeflater(1), pool.takeDeflater(2), pool.takeDeflater(3)};
        for (DeflatePool.LeasedDeflater deflater : deflaters) {
            pool.giveBack(deflater);
        }
        assertThat(pool.takeDeflater(3)).isSameAs(deflaters[2]);
        assertThat(pool.takeDeflater(2)).isSameAs(deflaters[1]);
        assertThat(pool.takeDeflater(1)).isNotSameAs(deflaters[0]);
    }

    @Test
    void endsAtOnceWhatComesBackAfterItsOwnEnd() {
        DeflatePool.LeasedDeflater deflater = pool.takeDeflater(1);
        DeflatePool.LeasedInflater inflater = pool.takeInflater();
        pool.close();
        pool.close();
        pool.giveBack(deflater);
        pool.giveBack(inflater);
        assertThat(zlib.deflatersAlive + zlib.inflatersAlive).isZero();
    }

    @Test
    void countsTheCompressorsThatAreHeld() {
        MessageDeflater first = holder(pool);
        assertThat(pool.tryHold(first)).isTrue();
        assertThat(pool.tryHold(holder(pool))).isTrue();
        assertThat(pool.tryHold(holder(pool))).isTrue();
        assertThat(pool.tryHold(holder(pool))).isFalse();
        pool.unhold(first);
        assertThat(pool.tryHold(holder(pool))).isTrue();
    }

    private static MessageDeflater holder(DeflatePool pool) {
        DeflateParameters takeover = new DeflateParameters(false, false, 15, 15);
        return new MessageDeflater(takeover, Role.SERVER, PermessageDeflate.DEFAULT, pool);
    }

    @Test
    void endsWhatWasNotUsedBetweenTwoRests() {
        pool.giveBack(pool.takeDeflater(1));
        pool.giveBack(pool.takeInflater());
        ByteBuffer output = pool.output(1);
        FixedCodeDeflater fixedCodes = pool.fixedCodes();
        pool.rest();
        assertThat(zlib.deflatersAlive + zlib.inflatersAlive).isEqualTo(2);
        assertThat(pool.output(1)).isSameAs(output);
        assertThat(pool.fixedCodes()).isSameAs(fixedCodes);
        pool.rest();
        assertThat(zlib.deflatersAlive + zlib.inflatersAlive).isEqualTo(2);
        pool.rest();
        assertThat(zlib.deflatersAlive + zlib.inflatersAlive).isZero();
        assertThat(pool.output(1)).isNotSameAs(output);
        assertThat(pool.fixedCodes()).isNotSameAs(fixedCodes);
    }

    @Test
    void takesTheContextOfASilentConnectionAwayAndLeavesThatOfABusyOne() {
        MessageDeflater silent = holder(pool);
        MessageDeflater busy = holder(pool);
        silent.compress(ByteBuffer.allocate(5000), true);
        busy.compress(ByteBuffer.allocate(5000), true);
        pool.rest();
        busy.compress(ByteBuffer.allocate(5000), true);
        pool.rest();
        pool.trim();
        assertThat(zlib.deflatersAlive).isOne();
        pool.rest();
        pool.trim();
        assertThat(zlib.deflatersAlive).isZero();
    }

    @Test
    void leavesTheCompressorOfAMessageThatIsUnderWay() {
        MessageDeflater slow = holder(pool);
        slow.compress(ByteBuffer.allocate(5000), false);
        pool.rest();
        pool.rest();
        pool.rest();
        assertThat(zlib.deflatersAlive).isOne();
    }

    @Test
    void keepsOneOutputBufferOfReasonableSize() {
        ByteBuffer small = pool.output(10);
        assertThat(small.capacity()).isEqualTo(100);
        assertThat(pool.output(100)).isSameAs(small);
        ByteBuffer big = pool.output(101);
        assertThat(big).isNotSameAs(small);
        assertThat(pool.output(1)).isSameAs(big);
        ByteBuffer huge = pool.output(2 << 20);
        assertThat(pool.output(1)).isNotSameAs(huge);
        pool.trim();
        assertThat(pool.output(1).capacity()).isEqualTo(100);
    }

    @Test
    void growsTheOutputBufferBehindItsContent() {
        ByteBuffer full = pool.output(1);
        while (full.hasRemaining()) {
            full.put((byte) 7);
        }
        ByteBuffer grown = pool.grow(full);
        assertThat(grown.position()).isEqualTo(100);
        assertThat(grown.capacity()).isEqualTo(200);
        assertThat(grown.get(99)).isEqualTo((byte) 7);
        assertThat(pool.output(1)).isSameAs(grown);
    }

    @Test
    void hasDefaultBoundsAndRefusesNegativeOnes() {
        assertThat(new DeflatePool().tryHold(holder(pool))).isTrue();
        assertThat(new DeflatePool(0, 0).tryHold(holder(pool))).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new DeflatePool(-1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new DeflatePool(0, -1));
    }

    @Test
    void inflatingTakesNoMoreThanItsBound() throws Exception {
        DeflatePool tight = new DeflatePool(zlib, 1, 0, 1, DeflatePool.INFLATER_BYTES + 40_000);
        DeflateParameters takeover = new DeflateParameters(false, false, 15, 15);
        MessageInflater one = new MessageInflater(takeover, Role.SERVER, tight);
        MessageInflater two = new MessageInflater(takeover, Role.SERVER, tight);
        ByteBuffer stored = stored(30_000);
        assertThat(tight.isShort()).isFalse();
        one.input(stored, false);
        assertThat(tight.isShort()).isTrue();
        assertThatExceptionOfType(OutOfMemoryError.class)
                .isThrownBy(() -> two.input(stored.duplicate(), false))
                .withMessageContaining("inflate");
        ByteBuffer out = ByteBuffer.allocate(40_000);
        while (one.inflate(out) > 0) {}
        assertThat(tight.inflatingBytes()).isEqualTo(DeflatePool.INFLATER_BYTES + (32 << 10));
        one.close();
        assertThat(tight.inflatingBytes()).as("the context").isEqualTo(32 << 10);
        two.input(stored.flip(), false);
        out.clear();
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> two.inflate(out));
        two.end();
        one.end();
        one.end();
        tight.close();
        assertThat(tight.inflatingBytes()).isZero();
    }

    /** A stored block of zeros that others follow. */
    private static ByteBuffer stored(int bytes) {
        return ByteBuffer.allocate(5 + bytes)
                .put((byte) 0)
                .put((byte) bytes)
                .put((byte) (bytes >> 8))
                .put((byte) ~bytes)
                .put((byte) (~bytes >> 8))
                .position(5 + bytes)
                .flip();
    }
}
