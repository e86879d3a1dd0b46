package io.duplex.jakarta;

import jakarta.websocket.CloseReason;
import jakarta.websocket.DecodeException;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A method of an annotated endpoint, and where its arguments come from (Jakarta WebSocket §4.4 to §4.7). Immutable and
 * thread-safe.
 */
final class AnnotatedMethod {
    /** What a call is about. What it does not have is {@code null}. */
    record Call(
            EndpointSession session,
            @Nullable CloseReason reason,
            @Nullable Throwable fault,
            @Nullable Object message,
            boolean last) {}

    /** Finds an argument. */
    @FunctionalInterface
    private interface Argument {
        @Nullable Object of(Call call) throws DecodeException;
    }

    /** What methods of one annotation may ask for besides the session and variables of the path. */
    enum Role {
        OPEN(EndpointConfig.class, false),
        CLOSE(CloseReason.class, false),
        ERROR(Throwable.class, true),
        MESSAGE(null, false);

        private final @Nullable Class<?> own;
        private final boolean required;

        Role(@Nullable Class<?> own, boolean required) {
            this.own = own;
            this.required = required;
        }
    }

    private final Method method;
    private final Argument[] arguments;
    private final @Nullable Class<?> messageType;
    private final boolean takesLast;

    private AnnotatedMethod(Method method, Argument[] arguments, @Nullable Class<?> messageType, boolean takesLast) {
        this.method = method;
        this.arguments = arguments;
        this.messageType = messageType;
        this.takesLast = takesLast;
    }

    /**
     * Reads the parameters.
     *
     * @throws DeploymentException if the method is not public, or asks for what its annotation does not have
     */
    static AnnotatedMethod of(Method method, Role role) throws DeploymentException {
        if (!Modifier.isPublic(method.getModifiers())) {
            throw new DeploymentException(method + " is not public");
        }
        Parameter[] parameters = method.getParameters();
        Argument[] arguments = new Argument[parameters.length];
        Set<Object> seen = new HashSet<>();
        List<Integer> others = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            Class<?> type = parameters[i].getType();
            PathParam variable = parameters[i].getAnnotation(PathParam.class);
            if (variable != null) {
                arguments[i] = pathParameter(method, variable.value(), type);
            } else if (type == Session.class) {
                requireFirst(method, seen.add(Session.class), type);
                arguments[i] = Call::session;
            } else if (type == role.own) {
                requireFirst(method, seen.add(type), type);
                arguments[i] = own(role);
            } else if (role == Role.MESSAGE) {
                others.add(i);
            } else {
                throw new DeploymentException(method + " has a parameter of " + type + ", which there is nothing for");
            }
        }
        if (role.required && !seen.contains(role.own)) {
            throw new DeploymentException(method + " has no parameter of " + role.own);
        }
        Class<?> messageType = null;
        boolean takesLast = false;
        if (role == Role.MESSAGE) {
            takesLast = others.size() == 2 && isLast(parameters, others);
            int message = messageIndex(method, parameters, others);
            messageType = parameters[message].getType();
            arguments[message] = Call::message;
            if (takesLast) {
                arguments[others.get(0) == message ? others.get(1) : others.get(0)] = Call::last;
            }
        }
        method.trySetAccessible();
        return new AnnotatedMethod(method, arguments, messageType, takesLast);
    }

    private static Argument own(Role role) {
        return switch (role) {
            case OPEN -> call -> call.session().config();
            case CLOSE -> Call::reason;
            case ERROR -> Call::fault;
            case MESSAGE -> Call::message;
        };
    }

    private static void requireFirst(Method method, boolean isFirst, Class<?> type) throws DeploymentException {
        if (!isFirst) {
            throw new DeploymentException(method + " has two parameters of " + type);
        }
    }

    private static boolean isLast(Parameter[] parameters, List<Integer> others) {
        return parameters[others.get(0)].getType() == boolean.class
                || parameters[others.get(1)].getType() == boolean.class;
    }

    /** Which of the parameters is the message: the only one, or the one beside {@code boolean last}. */
    private static int messageIndex(Method method, Parameter[] parameters, List<Integer> others)
            throws DeploymentException {
        if (others.size() == 1) {
            return others.get(0);
        }
        if (others.size() == 2 && isLast(parameters, others)) {
            return parameters[others.get(1)].getType() == boolean.class ? others.get(0) : others.get(1);
        }
        throw new DeploymentException(
                method + " has " + others.size()
                        + " parameters that could be the message: one is needed, and for parts of messages a boolean beside it");
    }

    private static Argument pathParameter(Method method, String name, Class<?> type) throws DeploymentException {
        if (!TextValues.isOne(type)) {
            throw new DeploymentException(
                    method + " has a path parameter of " + type + ", which is neither a String nor a primitive");
        }
        return call -> {
            String value = call.session().origin().pathParameters().get(name);
            return value == null ? TextValues.absent(type) : TextValues.parse(value, type);
        };
    }

    /** What of messages it takes; {@code null} if it takes none. */
    @Nullable Class<?> messageType() {
        return messageType;
    }

    /** Whether it takes messages in parts. */
    boolean takesLast() {
        return takesLast;
    }

    Class<?> returnType() {
        return method.getReturnType();
    }

    /**
     * Calls it.
     *
     * @throws Exception what it throws, or a {@link DecodeException} if a variable of the path is not of its type
     */
    @Nullable Object call(Object endpoint, Call call) throws Exception {
        Object[] values = new Object[arguments.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = arguments[i].of(call);
        }
        try {
            return method.invoke(endpoint, values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public String toString() {
        return method.toString();
    }
}
