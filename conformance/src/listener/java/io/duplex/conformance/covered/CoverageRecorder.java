package io.duplex.conformance.covered;

import io.duplex.testkit.Covers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes, for each test class with {@link Covers}, the file {@code target/covered/<class>}: one line for each annotated method
 * or class, with its name, {@code passed} or {@code failed}, and the ids, separated by tabs. What was skipped is left out. Only
 * builds are recorded, which say where the module is. Thread-safe.
 */
public final class CoverageRecorder implements TestExecutionListener {
    private final Map<Subject, Boolean> passed = new ConcurrentHashMap<>();
    private volatile @Nullable TestPlan plan;

    /** For the service loader. */
    public CoverageRecorder() {}

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = started;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            return;
        }
        // A container counts only when it fails: its tests have been counted one by one.
        boolean success = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
        if (test.isTest() || !success) {
            source(test).ifPresent(method -> record(method, success));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan finished) {
        String module = System.getProperty("basedir");
        if (module == null) {
            return;
        }
        Map<String, Map<String, String>> files = new TreeMap<>();
        passed.forEach((subject, success) -> files.computeIfAbsent(subject.file(), file -> new TreeMap<>())
                .put(subject.name(), (success ? "passed" : "failed") + "\t" + String.join(" ", subject.ids())));
        try {
            Path folder = Files.createDirectories(Path.of(module, "target", "covered"));
            for (Map.Entry<String, Map<String, String>> file : files.entrySet()) {
                List<String> lines = file.getValue().entrySet().stream()
                        .map(line -> line.getKey() + "\t" + line.getValue())
                        .toList();
                Files.write(folder.resolve(file.getKey()), lines);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The method that a test belongs to, which for the runs of a parameterized test stands at their parent. */
    private Optional<MethodSource> source(TestIdentifier test) {
        TestPlan known = plan;
        for (TestIdentifier at = test;
                at != null && known != null;
                at = known.getParent(at).orElse(null)) {
            if (at.getSource().orElse(null) instanceof MethodSource method) {
                return Optional.of(method);
            }
        }
        return Optional.empty();
    }

    private void record(MethodSource method, boolean success) {
        record(method.getJavaClass(), "#" + method.getMethodName(), method.getJavaMethod(), success);
        for (Class<?> type = method.getJavaClass(); type != null; type = type.getEnclosingClass()) {
            record(type, "", type, success);
        }
    }

    private void record(Class<?> type, String member, AnnotatedElement element, boolean success) {
        Covers covers = element.getAnnotation(Covers.class);
        if (covers != null) {
            Subject subject = new Subject(outermost(type).getName(), type.getName() + member, List.of(covers.value()));
            passed.merge(subject, success, Boolean::logicalAnd);
        }
    }

    private static Class<?> outermost(Class<?> type) {
        Class<?> outermost = type;
        while (outermost.getEnclosingClass() != null) {
            outermost = outermost.getEnclosingClass();
        }
        return outermost;
    }

    /** A method or class with the annotation. */
    private record Subject(String file, String name, List<String> ids) {}
}
