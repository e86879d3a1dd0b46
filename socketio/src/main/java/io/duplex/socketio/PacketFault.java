package io.duplex.socketio;

/** A peer sent what is no packet. */
final class PacketFault extends Exception {
    private static final long serialVersionUID = 1;

    PacketFault(String message) {
        super(message, null, false, false);
    }
}
