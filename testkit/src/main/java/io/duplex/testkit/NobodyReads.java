package io.duplex.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Stands at the end of a pipe until its reader comes. */
enum NobodyReads implements MemoryPipe.Reader {
    INSTANCE;

    @Override
    public void onBytes(ByteBuffer in) {}

    @Override
    public void onEnd() {}

    @Override
    public void onReset(IOException failure) {}
}
