package io.duplex.benchmarks.load;

/**
 * What the generator is asked to do: one line of JSON on its standard input.
 *
 * @param port the server's, on 127.0.0.1
 * @param pid the server's process, whose CPU time and memory are read
 * @param path where it echoes, or broadcasts
 * @param warmUpSeconds load before the measurement
 * @param seconds how long is measured; for {@link Case.Work#IDLE}, how long the connections rest before
 */
public record Job(Case what, int port, long pid, String path, double warmUpSeconds, double seconds) {}
