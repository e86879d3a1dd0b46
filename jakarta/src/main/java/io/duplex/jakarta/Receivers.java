package io.duplex.jakarta;

import io.duplex.jakarta.Receiver.Kind;
import jakarta.websocket.MessageHandler;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The message handlers of one session, at most one for each kind of message (Jakarta WebSocket §2.5). Thread-safe. */
final class Receivers {
    private final Map<Kind, Receiver> byKind = new EnumMap<>(Kind.class);

    /** For handlers whose class says what they take. */
    void add(MessageHandler handler, Coders coders) {
        Class<?> whole = TypeArguments.of(handler.getClass(), MessageHandler.Whole.class);
        Class<?> part = TypeArguments.of(handler.getClass(), MessageHandler.Partial.class);
        if (whole == null && part == null) {
            throw new IllegalArgumentException(handler.getClass().getName()
                    + " does not say what messages it takes: add it with the class of the messages");
        }
        if (whole != null) {
            addWhole(whole, (MessageHandler.Whole<?>) handler, coders);
        }
        if (part != null) {
            addPartial(part, (MessageHandler.Partial<?>) handler);
        }
    }

    @SuppressWarnings("unchecked") // the receiver makes objects of that type only
    void addWhole(Class<?> type, MessageHandler.Whole<?> handler, Coders coders) {
        MessageHandler.Whole<Object> target = (MessageHandler.Whole<Object>) handler;
        List<Receiver> receivers = Receiver.ofWhole(type, coders, handler, -1, target::onMessage);
        if (receivers.isEmpty()) {
            throw new IllegalArgumentException("no decoder makes " + type.getName() + " of messages");
        }
        addAll(receivers);
    }

    @SuppressWarnings("unchecked") // the receiver makes objects of that type only
    void addPartial(Class<?> type, MessageHandler.Partial<?> handler) {
        MessageHandler.Partial<Object> target = (MessageHandler.Partial<Object>) handler;
        Receiver receiver = Receiver.ofParts(type, handler, target::onMessage);
        if (receiver == null) {
            throw new IllegalArgumentException(
                    "parts of messages are String, ByteBuffer or byte[], not " + type.getName());
        }
        addAll(List.of(receiver));
    }

    synchronized void addAll(List<Receiver> receivers) {
        for (Receiver receiver : receivers) {
            if (byKind.containsKey(receiver.kind())) {
                throw new IllegalStateException("session has a handler for " + receiver.kind() + " messages already");
            }
        }
        receivers.forEach(receiver -> byKind.put(receiver.kind(), receiver));
    }

    synchronized void remove(MessageHandler handler) {
        byKind.values().removeIf(receiver -> receiver.handler().equals(handler));
    }

    synchronized @Nullable Receiver of(Kind kind) {
        return byKind.get(kind);
    }

    synchronized Set<MessageHandler> handlers() {
        return byKind.values().stream().map(Receiver::handler).collect(Collectors.toUnmodifiableSet());
    }
}
