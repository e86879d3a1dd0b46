package io.duplex.jakarta;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out what a class has put in place of the type parameter of a generic interface. */
final class TypeArguments {
    private TypeArguments() {}

    /**
     * The raw class of the first type argument that {@code type} gives to {@code generic}, through whatever superclasses and
     * interfaces.
     *
     * @return {@code null} if {@code type} is no {@code generic}, or does not say, as lambdas do not
     */
    static @Nullable Class<?> of(Class<?> type, Class<?> generic) {
        Type argument = find(type, generic, Map.of());
        return argument == null ? null : raw(argument);
    }

    private static @Nullable Type find(@Nullable Type type, Class<?> generic, Map<TypeVariable<?>, Type> bindings) {
        Map<TypeVariable<?>, Type> here = bindings;
        Class<?> raw;
        if (type instanceof ParameterizedType parameterized) {
            raw = (Class<?>) parameterized.getRawType();
            here = bind(raw, parameterized, bindings);
        } else if (type instanceof Class<?> plain) {
            raw = plain;
        } else {
            return null;
        }
        if (raw == generic) {
            return type instanceof ParameterizedType ? here.get(generic.getTypeParameters()[0]) : null;
        }
        for (Type parent : raw.getGenericInterfaces()) {
            Type found = find(parent, generic, here);
            if (found != null) {
                return found;
            }
        }
        return find(raw.getGenericSuperclass(), generic, here);
    }

    private static Map<TypeVariable<?>, Type> bind(
            Class<?> raw, ParameterizedType type, Map<TypeVariable<?>, Type> outer) {
        Map<TypeVariable<?>, Type> bindings = new HashMap<>();
        Type[] arguments = type.getActualTypeArguments();
        TypeVariable<?>[] parameters = raw.getTypeParameters();
        for (int i = 0; i < parameters.length; i++) {
            Type argument = arguments[i];
            if (argument instanceof TypeVariable<?> variable && outer.containsKey(variable)) {
                argument = outer.get(variable);
            }
            bindings.put(parameters[i], argument);
        }
        return bindings;
    }

    private static @Nullable Class<?> raw(Type type) {
        if (type instanceof Class<?> plain) {
            return plain;
        }
        if (type instanceof ParameterizedType parameterized) {
            return (Class<?>) parameterized.getRawType();
        }
        if (type instanceof GenericArrayType array) {
            Class<?> component = raw(array.getGenericComponentType());
            return component == null ? null : Array.newInstance(component, 0).getClass();
        }
        return null;
    }
}
