package io.duplex.cli;

import io.duplex.WebSocket;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * One chat room. It sends to its members itself instead of publishing to a topic, because its lock gives what topics do not:
 * all members see all messages, and above all the numbers of members, in one order, whichever event loop they are on.
 * Thread-safe.
 */
final class ChatRoom {
    /** Whoever comes or goes is told to all: with many more, a room that fills up would have no time for anything else. */
    private static final int MAX_MEMBERS = 500;

    private final String name;
    private final Set<WebSocket> members = new LinkedHashSet<>();

    ChatRoom(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Welcomes a member; {@code false} if there are too many. */
    synchronized boolean enter(WebSocket newcomer) {
        if (members.size() == MAX_MEMBERS) {
            return false;
        }
        members.add(newcomer);
        newcomer.sendText(ByteBuffer.wrap(Json.write(json -> {
            json.writeStringField("type", "welcome");
            json.writeStringField("room", name);
            json.writeNumberField("members", members.size());
        })));
        sendCount();
        return true;
    }

    /** Lets a member go; returns how many are left. */
    synchronized int leave(WebSocket member) {
        members.remove(member);
        sendCount();
        return members.size();
    }

    /** Passes on what a member says. */
    synchronized void say(String speaker, String text) {
        long at = System.currentTimeMillis();
        sendAll(Json.write(json -> {
            json.writeStringField("type", "say");
            json.writeStringField("name", speaker);
            json.writeStringField("text", text);
            json.writeNumberField("at", at);
        }));
    }

    private void sendCount() {
        sendAll(Json.write(json -> {
            json.writeStringField("type", "members");
            json.writeNumberField("count", members.size());
        }));
    }

    private void sendAll(byte[] message) {
        for (WebSocket member : members) {
            member.sendText(ByteBuffer.wrap(message));
        }
    }
}
