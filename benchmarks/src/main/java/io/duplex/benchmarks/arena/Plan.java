package io.duplex.benchmarks.arena;

import io.duplex.benchmarks.load.Case;
import java.util.ArrayList;
import java.util.List;

/** The cases that are measured unless others are named, in the order of the page. */
final class Plan {
    static final List<Case> CASES = cases(
            "echo-1x1-128-binary",
            "echo-50x1-128-binary",
            "echo-500x1-128-binary",
            "echo-1000x1-128-binary",
            "echo-5000x1-128-binary",
            "echo-50x64-16-binary",
            "echo-50x16-1k-ascii",
            "echo-50x16-1k-multilingual",
            "echo-1x1-64k-binary",
            "echo-50x1-64k-binary",
            "echo-4x1-1m-ascii",
            "echo-50x4-1k-json-deflate",
            "echo-50x16-1k-ascii-tls",
            "fanout-100x4-128",
            "fanout-1000x4-128",
            "fanout-10000x4-128",
            "handshake-16-cold",
            "handshake-16",
            "idle-10000");

    /** What a server is warmed up with, a second at a time: a mix, so that no case finds code compiled for itself alone. */
    static final List<Case> WARM_UP = cases(
            "echo-50x64-16-binary",
            "echo-50x1-128-binary",
            "echo-50x16-1k-ascii",
            "echo-50x1-64k-binary",
            "echo-50x16-1k-multilingual",
            "echo-50x4-1k-json-deflate",
            "echo-4x1-1m-ascii");

    /** As {@link #WARM_UP}, for a server that speaks TLS. */
    static final List<Case> WARM_UP_TLS =
            cases("echo-50x16-1k-ascii-tls", "echo-50x1-128-binary-tls", "echo-50x1-64k-binary-tls");

    private Plan() {}

    private static List<Case> cases(String... ids) {
        List<Case> cases = new ArrayList<>();
        for (String id : ids) {
            cases.add(Case.parse(id));
        }
        return List.copyOf(cases);
    }

    /** Cases that share one server process: those that need a fresh one stand alone. */
    static List<List<Case>> processes(List<Case> cases) {
        List<Case> plain = new ArrayList<>();
        List<Case> tls = new ArrayList<>();
        List<List<Case>> processes = new ArrayList<>();
        for (Case what : cases) {
            if (isFresh(what)) {
                processes.add(List.of(what));
            } else if (what.tls()) {
                tls.add(what);
            } else {
                plain.add(what);
            }
        }
        processes.add(plain);
        processes.add(tls);
        processes.removeIf(List::isEmpty);
        return processes;
    }

    /** Whether it is measured in a process that has done nothing before. */
    static boolean isFresh(Case what) {
        return what.cold() || what.work() == Case.Work.IDLE;
    }
}
