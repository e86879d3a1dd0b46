package io.duplex.jakarta;

import io.duplex.jakarta.AnnotatedMethod.Role;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import java.io.InputStream;
import java.io.Reader;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The methods of an annotated endpoint (Jakarta WebSocket §4.4 to §4.9), checked when it is deployed. Immutable and thread-safe.
 *
 * @param onOpen {@code null} if there is none, as with the other two
 * @param onMessages at most one for each kind of message
 */
record EndpointModel(
        @Nullable AnnotatedMethod onOpen,
        @Nullable AnnotatedMethod onClose,
        @Nullable AnnotatedMethod onError,
        List<OnMessageMethod> onMessages) {

    /**
     * A method that takes messages.
     *
     * @param method the method
     * @param maxMessageSize the longest it takes; -1 for the session's limit
     */
    record OnMessageMethod(AnnotatedMethod method, long maxMessageSize) {}

    /**
     * Reads a class.
     *
     * @throws DeploymentException if it breaks a rule for annotated endpoints
     */
    static EndpointModel of(Class<?> endpoint, CoderTypes coders) throws DeploymentException {
        List<OnMessageMethod> onMessages = new ArrayList<>();
        Set<Receiver.Kind> kinds = EnumSet.noneOf(Receiver.Kind.class);
        for (Method method : annotated(endpoint, OnMessage.class)) {
            AnnotatedMethod message = AnnotatedMethod.of(method, Role.MESSAGE);
            for (Receiver.Kind kind : kinds(message, coders)) {
                if (!kinds.add(kind)) {
                    throw new DeploymentException(endpoint.getName() + " has two @OnMessage methods for " + kind);
                }
            }
            long max = method.getAnnotation(OnMessage.class).maxMessageSize();
            onMessages.add(new OnMessageMethod(message, max));
        }
        return new EndpointModel(
                only(endpoint, OnOpen.class, Role.OPEN),
                only(endpoint, OnClose.class, Role.CLOSE),
                only(endpoint, OnError.class, Role.ERROR),
                List.copyOf(onMessages));
    }

    private static @Nullable AnnotatedMethod only(Class<?> endpoint, Class<? extends Annotation> annotation, Role role)
            throws DeploymentException {
        List<Method> methods = annotated(endpoint, annotation);
        if (methods.size() > 1) {
            throw new DeploymentException(
                    endpoint.getName() + " has two @" + annotation.getSimpleName() + " methods: " + methods);
        }
        return methods.isEmpty() ? null : AnnotatedMethod.of(methods.get(0), role);
    }

    /**
     * The methods with an annotation, those of superclasses included unless they are overridden; a method that overrides one
     * and has no annotation itself is none (Jakarta WebSocket §4.8).
     */
    private static List<Method> annotated(Class<?> endpoint, Class<? extends Annotation> annotation) {
        List<Method> found = new ArrayList<>();
        List<Method> seen = new ArrayList<>();
        for (Class<?> type = endpoint; type != null && type != Object.class; type = type.getSuperclass()) {
            for (Method method : type.getDeclaredMethods()) {
                if (!method.isBridge()
                        && !method.isSynthetic()
                        && seen.stream().noneMatch(of -> overrides(of, method))) {
                    if (method.isAnnotationPresent(annotation)) {
                        found.add(method);
                    }
                }
            }
            seen.addAll(List.of(type.getDeclaredMethods()));
        }
        return found;
    }

    private static boolean overrides(Method below, Method above) {
        return below.getName().equals(above.getName())
                && List.of(below.getParameterTypes()).equals(List.of(above.getParameterTypes()));
    }

    private static Set<Receiver.Kind> kinds(AnnotatedMethod method, CoderTypes coders) throws DeploymentException {
        Class<?> type = method.messageType();
        Set<Receiver.Kind> kinds = EnumSet.noneOf(Receiver.Kind.class);
        boolean isWhole = !method.takesLast() && type != null;
        boolean hasOwnDecoder = isWhole && coders.decoders().stream().anyMatch(decoder -> decoder.decoded() == type);
        if (hasOwnDecoder) {
            addDecoded(type, coders, kinds);
        } else if (type == String.class || isWhole && type == Reader.class) {
            kinds.add(Receiver.Kind.TEXT);
        } else if (type == ByteBuffer.class || type == byte[].class || isWhole && type == InputStream.class) {
            kinds.add(Receiver.Kind.BINARY);
        } else if (isWhole && type == PongMessage.class) {
            kinds.add(Receiver.Kind.PONG);
        } else if (isWhole) {
            addDecoded(type, coders, kinds);
        }
        if (kinds.isEmpty()) {
            throw new DeploymentException(method + " takes " + type + (method.takesLast() ? " in parts" : "")
                    + ", which neither is a message nor has a decoder");
        }
        return kinds;
    }

    private static void addDecoded(@Nullable Class<?> type, CoderTypes coders, Set<Receiver.Kind> kinds) {
        if (type == null) {
            return;
        }
        if (TextValues.isOne(type) || !coders.decodersTo(type, true).isEmpty()) {
            kinds.add(Receiver.Kind.TEXT);
        }
        if (!coders.decodersTo(type, false).isEmpty()) {
            kinds.add(Receiver.Kind.BINARY);
        }
    }

    /** The receivers of one session. */
    List<Receiver> receivers(Object endpoint, EndpointSession session) {
        List<Receiver> receivers = new ArrayList<>();
        for (OnMessageMethod onMessage : onMessages) {
            AnnotatedMethod method = onMessage.method();
            Class<?> type = method.messageType();
            if (type == null) {
                continue;
            }
            if (method.takesLast()) {
                MessageHandler.Partial<Object> handler = (part, last) -> {};
                Receiver parts =
                        Receiver.ofParts(type, handler, (part, last) -> call(method, endpoint, session, part, last));
                if (parts != null) {
                    receivers.add(parts);
                }
            } else {
                MessageHandler.Whole<Object> handler = message -> {};
                receivers.addAll(Receiver.ofWhole(
                        type,
                        session.coders(),
                        handler,
                        onMessage.maxMessageSize(),
                        message -> call(method, endpoint, session, message, true)));
            }
        }
        return receivers;
    }

    /** Calls the method, and sends what it returns (Jakarta WebSocket §4.7). */
    private static void call(
            AnnotatedMethod method, Object endpoint, EndpointSession session, Object message, boolean last)
            throws Exception {
        Object answer = method.call(endpoint, new AnnotatedMethod.Call(session, null, null, message, last));
        if (answer != null) {
            session.getBasicRemote().sendObject(answer);
        }
    }
}
