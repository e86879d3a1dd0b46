package io.duplex.extension;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.testkit.Covers;
import java.util.ArrayList;
import java.util.List;

/** Any header from a peer: a refusal or a list, and of offers at most one answer that our own client takes. */
@Covers({"WS-9.1-1", "PMD-7-1", "PMD-7-2"})
class ExtensionHeaderFuzzer {
    @FuzzTest
    void anyLinesAreReadOrRefused(FuzzedDataProvider data) {
        List<String> lines = new ArrayList<>();
        while (data.remainingBytes() > 0) {
            lines.add(data.consumeString(200));
        }
        List<ExtensionElement> elements;
        try {
            elements = ExtensionHeader.parse(lines);
        } catch (IllegalArgumentException e) {
            return;
        }
        if (elements.isEmpty() != lines.isEmpty()) {
            throw new AssertionError("a field without an extension was taken");
        }
        DeflateParameters accepted = PermessageDeflate.DEFAULT.accept(elements);
        if (accepted != null) {
            ExtensionHeader.parse(List.of(accepted.toResponse()));
        }
        try {
            PermessageDeflate.DEFAULT.agree(elements);
        } catch (IllegalArgumentException e) {
            if (elements.isEmpty()) {
                throw new AssertionError("silence declines", e);
            }
        }
    }
}
