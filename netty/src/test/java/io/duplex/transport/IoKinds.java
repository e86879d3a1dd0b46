package io.duplex.transport;

import java.util.List;
import java.util.stream.Stream;

/** The ways of talking to sockets that this machine has. */
public final class IoKinds {
    private IoKinds() {}

    /** Their names. */
    public static List<String> available() {
        return Stream.of(IoKind.values())
                .filter(IoKinds::isAvailable)
                .map(IoKind::label)
                .toList();
    }

    private static boolean isAvailable(IoKind kind) {
        try {
            kind.require();
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
