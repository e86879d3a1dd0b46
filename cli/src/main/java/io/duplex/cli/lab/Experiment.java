package io.duplex.cli.lab;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The servers of all ways, with one source of events. Clients are for others to bring. */
public final class Experiment implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("duplex-lab", true), NioIoHandler.newFactory());
    private final List<Track> tracks = new ArrayList<>();
    private final Source source;
    private final Map<Way, Costs> start = new EnumMap<>(Way.class);

    /**
     * Starts the servers.
     *
     * @param host whose address they listen on
     * @param origins of pages that may come; none for programs
     */
    public Experiment(Set<Way> ways, Plan plan, InetAddress host, String... origins) {
        try {
            for (Way way : ways) {
                tracks.add(new Track(way, plan, group, host, origins));
            }
        } catch (RuntimeException fault) {
            close(tracks);
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw fault;
        }
        source = new Source(tracks, plan);
    }

    /** The port of a way, behind the network; its path is {@link #path}. */
    public int port(Way way) {
        return tracks.stream()
                .filter(track -> track.way() == way)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(way + " is not part of it"))
                .port();
    }

    /** The path of all ways. */
    public String path() {
        return tracks.get(0).path();
    }

    /** Events come from now on, and costs count from now on. */
    public void begin() {
        tracks.forEach(track -> start.put(track.way(), track.costs()));
        source.start();
    }

    /** No more events. */
    public void endEvents() {
        source.close();
    }

    /** What each way has cost since {@link #begin}. */
    public Map<Way, Costs> costs() {
        Map<Way, Costs> costs = new EnumMap<>(Way.class);
        for (Track track : tracks) {
            Costs now = track.costs();
            Costs before = start.get(track.way());
            costs.put(track.way(), before == null ? now : now.since(before));
        }
        return costs;
    }

    @Override
    public void close() {
        source.close();
        close(tracks);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static void close(List<Track> running) {
        running.forEach(Track::close);
    }
}
