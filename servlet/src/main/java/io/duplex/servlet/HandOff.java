package io.duplex.servlet;

/**
 * Whether upgraded sockets leave the container for event loops of their own. There they cost a fraction of the CPU time, but only
 * Tomcat's plain-text NIO sockets can be taken out, and the class path has to have event loops: {@code duplex-netty}.
 */
public enum HandOff {
    /** Where it is possible; else connections are served through the container. The default. */
    AUTO,
    /** Always: a connection that cannot be handed off is cut. */
    ALWAYS,
    /** Never: all connections are served through the container. */
    NEVER,
    /** Never, and through nothing but what the servlet specification has: for containers that are not what they seem. */
    PORTABLE
}
