package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.message.Utf8Validator;
import io.duplex.testkit.Hex;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PartsGuardTest {
    private final PartsGuard guard = new PartsGuard();

    private void text(String hex, boolean last) {
        guard.checkText(Hex.parse(hex), last);
    }

    @Test
    void aCharacterMayBeSplitOverParts() {
        text("e2", false);
        text("82", false);
        text("", false);
        text("ac", true);
        assertThatCode(() -> guard.checkBinary(true)).doesNotThrowAnyException();
    }

    @Test
    void theLastPartMustEndItsLastCharacter() {
        text("e2", false);
        assertThatIllegalArgumentException().isThrownBy(() -> text("82", true));
    }

    @Test
    void afterAFaultANewMessageBegins() {
        assertThatIllegalArgumentException().isThrownBy(() -> text("ff", false));
        text("61", true);
        guard.checkBinary(false);
        guard.checkBinary(true);
        text("61", false);
    }

    @Test
    void aPartThatIsRefusedHasNotBeenThere() {
        text("e2", false);
        assertThatIllegalArgumentException().isThrownBy(() -> text("61", false));
        assertThatIllegalStateException().isThrownBy(() -> guard.checkBinary(true));
        assertThatIllegalArgumentException().isThrownBy(() -> text("61", true));
        text("82ac", true);
        guard.checkBinary(true);
    }

    @Test
    void whatGoesOnAsItCameIsNotLookedAt() {
        Utf8Validator came = new Utf8Validator();
        assertThat(guard.passText(came.state(), after(came, "61e2"), false)).isTrue();
        text("82", false);
        long before = after(came, "82");
        assertThat(guard.passText(before, after(came, "ac"), true)).isTrue();
        guard.checkBinary(true);
    }

    @Test
    void whatGoesOnOtherwiseThanItCameIsLookedAt() {
        Utf8Validator came = new Utf8Validator();
        long inside = after(came, "e2");
        assertThat(guard.passText(inside, after(came, "82ac"), true)).isFalse();
        assertThat(guard.passText(Utf8Validator.COMPLETE, inside, true)).isFalse();
        guard.checkBinary(false);
        assertThat(guard.passText(Utf8Validator.COMPLETE, Utf8Validator.COMPLETE, true))
                .isFalse();
    }

    private static long after(Utf8Validator validator, String hex) {
        ByteBuffer bytes = Hex.parse(hex);
        validator.accept(bytes, 0, bytes.limit());
        return validator.state();
    }

    @Test
    void theTwoKindsDoNotMix() {
        text("61", false);
        assertThatIllegalStateException().isThrownBy(() -> guard.checkBinary(true));
        text("61", true);
        guard.checkBinary(false);
        assertThatIllegalStateException().isThrownBy(() -> text("61", true));
    }
}
