package io.duplex.engineio;

/** A peer sent what is no packet of Engine.IO. */
final class PayloadFault extends Exception {
    private static final long serialVersionUID = 1;

    PayloadFault(String message) {
        super(message, null, false, false);
    }
}
