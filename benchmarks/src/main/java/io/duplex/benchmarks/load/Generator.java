package io.duplex.benchmarks.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The load generator's process: it takes {@link Job}s from standard input, one line of JSON each, and answers each with a line
 * of {@link Figures}; it ends when the input does. One process serves a whole run, so that its code is as warm for one server
 * as for the next.
 *
 * <p>It stands on plain NIO and shares no code with any server: Duplex's client would hide faults that both its sides have, and
 * the generator would become dearer or cheaper with what it measures. One thread sends frames that were masked beforehand, out
 * of one ring, and reads with one large buffer: a message costs it about what it costs {@code PlainNio}, so that it is not what
 * bounds a server that also thinks.
 */
final class Generator {
    private Generator() {}

    public static void main(String[] arguments) throws IOException {
        ObjectMapper json = new ObjectMapper();
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        LoadRun run = null;
        for (String line; (line = jobs.readLine()) != null; ) {
            close(run);
            run = null;
            Figures figures;
            try {
                run = new LoadRun(json.readValue(line, Job.class));
                figures = run.run();
            } catch (IOException | RuntimeException e) {
                figures = Figures.failed("the generator failed: " + e);
            }
            boolean rests = run != null && run.what().work() == Case.Work.IDLE && figures.failure() == null;
            if (!rests) {
                close(run);
                run = null;
            }
            System.out.println(json.writeValueAsString(figures));
        }
        close(run);
    }

    private static void close(@Nullable LoadRun run) throws IOException {
        if (run != null) {
            run.close();
        }
    }
}
