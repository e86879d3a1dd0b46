package io.duplex.benchmarks.load;

/** Something that must not happen under a correct server. It ends the job: a figure with errors in it is none. */
final class LoadFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    LoadFailure(String message) {
        super(message);
    }
}
