package io.duplex.cli.lab;

/**
 * What one way has cost.
 *
 * @param requests HTTP requests, handshakes of WebSocket included
 * @param emptyAnswers answers to requests that asked for events and had none
 * @param bytesUp from clients to the server on TCP, headers included
 * @param bytesDown the other way
 * @param connections of TCP, all
 * @param openConnections now
 * @param cpuNanos of the server's thread
 * @param published events, each for all clients
 */
public record Costs(
        long requests,
        long emptyAnswers,
        long bytesUp,
        long bytesDown,
        long connections,
        int openConnections,
        long cpuNanos,
        long published) {
    /** What has come since {@code start}; what is of now stays. */
    Costs since(Costs start) {
        return new Costs(
                requests - start.requests,
                emptyAnswers - start.emptyAnswers,
                bytesUp - start.bytesUp,
                bytesDown - start.bytesDown,
                connections - start.connections,
                openConnections,
                cpuNanos - start.cpuNanos,
                published - start.published);
    }
}
