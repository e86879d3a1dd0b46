package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Message;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PieceTest {
    @Test
    void manySmallFragmentsShareAPiece() {
        Piece piece = new Piece(false, ByteBuffer.allocate(1), false);
        for (int i = 1; i < 1024; i++) {
            assertThat(piece.append(ByteBuffer.allocate(1), false)).isTrue();
        }
        ByteBuffer next = ByteBuffer.allocate(1);
        assertThat(piece.append(next, true)).isFalse();
        assertThat(next.remaining()).isEqualTo(1);
        assertThat(piece.length()).isEqualTo(1024);
        assertThat(piece.isLast()).isFalse();
    }

    @Test
    void nothingIsAppendedToTheEndOfAMessage() {
        Piece piece = new Piece(true, ByteBuffer.allocate(1), false);
        assertThat(piece.append(ByteBuffer.allocate(0), true)).isTrue();
        assertThat(piece.isLast()).isTrue();
        assertThat(piece.append(ByteBuffer.allocate(0), true)).isFalse();
        assertThat(piece.isText()).isTrue();
    }

    @Test
    void aWholeMessageHasNoRoomToSpare() {
        Piece piece = new Piece(false, ByteBuffer.wrap(new byte[] {1, 2, 3}), true);
        assertThat(piece.message()).isEqualTo(new Message.Binary(ByteBuffer.wrap(new byte[] {1, 2, 3})));
        byte[] target = new byte[4];
        assertThat(piece.take(target, 1, 2)).isEqualTo(2);
        assertThat(target).containsExactly(0, 1, 2, 0);
        assertThat(piece.take(target, 0, 4)).isEqualTo(1);
        assertThat(piece.take(target, 0, 4)).isZero();
    }
}
