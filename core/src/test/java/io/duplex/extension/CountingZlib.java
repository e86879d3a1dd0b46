package io.duplex.extension;

import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The JDK's zlib, counting what lives. */
final class CountingZlib implements Zlib {
    int deflatersMade;
    int deflatersAlive;
    int inflatersMade;
    int inflatersAlive;

    @Override
    public Deflater deflater(int level) {
        deflatersMade++;
        deflatersAlive++;
        return new Deflater(level, true) {
            private boolean ended;

            @Override
            public void end() {
                if (!ended) {
                    ended = true;
                    deflatersAlive--;
                }
                super.end();
            }
        };
    }

    @Override
    public Inflater inflater() {
        inflatersMade++;
        inflatersAlive++;
        return new Inflater(true) {
            private boolean ended;

            @Override
            public void end() {
                if (!ended) {
                    ended = true;
                    inflatersAlive--;
                }
                super.end();
            }
        };
    }
}
