package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.testkit.Hex;
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
    void theTwoKindsDoNotMix() {
        text("61", false);
        assertThatIllegalStateException().isThrownBy(() -> guard.checkBinary(true));
        text("61", true);
        guard.checkBinary(false);
        assertThatIllegalStateException().isThrownBy(() -> text("61", true));
    }
}
