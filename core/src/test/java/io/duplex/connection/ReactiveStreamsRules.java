package io.duplex.connection;

import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.TestAbortedException;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Runs a suite of the Reactive Streams rules, which is written for TestNG: a test for each rule. */
final class ReactiveStreamsRules {
    private ReactiveStreamsRules() {}

    /** A suite, which holds what its tests need. */
    interface Suite extends AutoCloseable {
        @Override
        void close();
    }

    /** One test for each rule of the suite, each with a suite of its own, which is closed after it. */
    static Stream<DynamicTest> of(Supplier<? extends Suite> suites) {
        Class<?> type;
        try (Suite suite = suites.get()) {
            type = suite.getClass();
        }
        return methods(type, Test.class)
                .map(rule -> DynamicTest.dynamicTest(rule.getName(), () -> {
                    try (Suite suite = suites.get()) {
                        call(suite, methods(type, BeforeClass.class));
                        call(suite, methods(type, BeforeMethod.class));
                        call(suite, Stream.of(rule));
                        call(suite, methods(type, AfterClass.class));
                    }
                }));
    }

    private static Stream<Method> methods(Class<?> type, Class<? extends Annotation> annotation) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.isAnnotationPresent(annotation))
                .sorted(Comparator.comparing(Method::getName));
    }

    private static void call(Object suite, Stream<Method> methods) throws Throwable {
        for (Method method : (Iterable<Method>) methods::iterator) {
            try {
                method.invoke(suite);
            } catch (InvocationTargetException e) {
                Throwable cause = e.getCause();
                throw cause instanceof SkipException ? new TestAbortedException(cause.getMessage()) : cause;
            }
        }
    }
}
