package io.duplex.server;

import java.time.Duration;
import java.util.List;

/**
 * An event loop that something keeps busy, so that its other connections wait.
 *
 * @param thread the name of the loop's thread
 * @param duration since when, at least
 * @param culprit what seems to block, such as {@code com.example.ChatHandler.onText(ChatHandler.java:17)}: the first call out
 *     of Duplex, or the innermost call if there is none
 * @param stack what the thread is doing, the innermost call first
 */
public record BlockedLoop(String thread, Duration duration, String culprit, List<StackTraceElement> stack) {
    /** Copies the stack. */
    public BlockedLoop {
        stack = List.copyOf(stack);
    }

    static BlockedLoop of(String thread, Duration duration, StackTraceElement[] stack) {
        return new BlockedLoop(thread, duration, culprit(stack), List.of(stack));
    }

    private static String culprit(StackTraceElement[] stack) {
        boolean inside = false;
        for (int i = stack.length - 1; i >= 0; i--) {
            String type = stack[i].getClassName();
            if (isOurs(type)) {
                inside = true;
            } else if (inside && !isPassage(type)) {
                return name(stack[i]);
            }
        }
        return stack.length == 0 ? "nothing" : name(stack[0]);
    }

    /** Without module and class loader. */
    private static String name(StackTraceElement call) {
        return new StackTraceElement(
                        call.getClassName(), call.getMethodName(), call.getFileName(), call.getLineNumber())
                .toString();
    }

    private static boolean isOurs(String type) {
        return type.startsWith("io.duplex.connection.")
                || type.startsWith("io.duplex.server.ServerOpening")
                || type.startsWith("io.duplex.server.ServedExchange")
                || type.startsWith("io.duplex.server.OrdinaryRequest");
    }

    /** What lies between us and the application. */
    private static boolean isPassage(String type) {
        return type.startsWith("io.duplex.server.Authenticator")
                || type.startsWith("io.duplex.server.Gates")
                || type.startsWith("io.duplex.server.RouteMap")
                || type.startsWith("io.duplex.server.HandlerService")
                || type.equals("io.duplex.WebSocketHandler")
                || type.startsWith("io.netty.")
                || type.startsWith("java.");
    }
}
