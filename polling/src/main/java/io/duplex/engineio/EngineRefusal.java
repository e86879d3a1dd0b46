package io.duplex.engineio;

import java.io.Serial;

/** A request that is answered with an error. */
final class EngineRefusal extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final EngineFault fault;

    EngineRefusal(EngineFault fault) {
        super(fault.name(), null, false, false);
        this.fault = fault;
    }

    EngineFault fault() {
        return fault;
    }
}
