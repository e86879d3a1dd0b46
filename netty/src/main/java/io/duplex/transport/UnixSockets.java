package io.duplex.transport;

import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Unix domain sockets: their files and their addresses. Thread-safe. */
public final class UnixSockets {
    /** What the bits of a file's mode say of its type, and that of sockets (POSIX). */
    private static final int TYPE_BITS = 0xF000;

    private static final int SOCKET_TYPE = 0xC000;

    private UnixSockets() {}

    /**
     * Makes room at {@code path}: removes a socket that nobody listens on any more, as a server leaves it that was killed. One
     * that is closed needs no such help: Netty removes its file.
     *
     * @throws IOException if somebody listens, or what is there is no socket
     */
    public static void claim(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            if (!isSocket(path)) {
                throw new FileAlreadyExistsException(path + " is no socket");
            }
            removeStale(path);
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther();
        }
        Map<String, Object> attributes = Files.readAttributes(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return attributes.get("mode") instanceof Integer mode && (mode & TYPE_BITS) == SOCKET_TYPE;
    }

    private static void removeStale(Path path) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException nobodyListens) {
            Files.deleteIfExists(path);
            return;
        }
        throw new BindException("somebody listens on " + path);
    }

    /**
     * The address of the other end of {@code channel}. For a socket that was accepted that of this end: a client's end has no
     * name, or one that the client chose.
     */
    static SocketAddress remoteAddress(Channel channel) {
        SocketAddress remote = channel.remoteAddress();
        if (remote instanceof InetSocketAddress) {
            return remote;
        }
        Channel parent = channel.parent();
        if (parent != null) {
            remote = named(parent.localAddress());
        } else {
            remote = named(remote);
            if (remote == null) {
                remote = named(channel.localAddress());
            }
        }
        return remote == null ? UnixDomainSocketAddress.of("") : remote;
    }

    /** The address in the JDK's form; {@code null} if it is a Unix domain socket's without a name. */
    private static @Nullable SocketAddress named(@Nullable SocketAddress address) {
        SocketAddress known =
                address instanceof DomainSocketAddress unix ? UnixDomainSocketAddress.of(unix.path()) : address;
        return known instanceof UnixDomainSocketAddress unix
                        && unix.getPath().toString().isEmpty()
                ? null
                : known;
    }
}
