package io.duplex.benchmarks.arena;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.duplex.benchmarks.load.Figures;
import io.duplex.benchmarks.load.Job;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The load generator's process. Confined to one thread. */
final class GeneratorProcess implements AutoCloseable {
    private static final String MAIN = "io.duplex.benchmarks.load.Generator";

    private final ObjectMapper json = new ObjectMapper();
    private final Process process;
    private final OutputStream jobs;
    private final BufferedReader answers;

    private GeneratorProcess(Process process) {
        this.process = process;
        jobs = process.getOutputStream();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** @param cpu the one CPU it runs on; {@code null} for any */
    static GeneratorProcess start(@Nullable Integer cpu) throws IOException {
        return new GeneratorProcess(new ProcessBuilder(Command.java(cpu, MAIN, List.of()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Does a job and waits for its end. Idle connections stay until the next job. */
    Figures run(Job job) throws IOException {
        jobs.write((json.writeValueAsString(job) + "\n").getBytes(StandardCharsets.UTF_8));
        jobs.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the generator has ended");
        }
        return json.readValue(answer, Figures.class);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
