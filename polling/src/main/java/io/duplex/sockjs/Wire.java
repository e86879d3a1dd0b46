package io.duplex.sockjs;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How frames stand in an answer.
 *
 * @param contentType of the answer
 * @param prelude what comes before the first frame, as much as some browsers and proxies wait for; {@code null} for an answer
 *     that has one frame
 * @param before stands before each frame
 * @param after stands behind each frame
 * @param quoted whether the frame is a string of a script
 */
record Wire(String contentType, @Nullable String prelude, String before, String after, boolean quoted) {
    private static final String SCRIPT = "application/javascript;charset=UTF-8";
    private static final int PRELUDE_BYTES = 2048;
    private static final int PAGE_BYTES = 1024;
    private static final Pattern CALLBACK = Pattern.compile("[a-zA-Z0-9_.-]{1,256}");

    static final Wire XHR = new Wire(SCRIPT, null, "", "\n", false);
    static final Wire XHR_STREAMING = new Wire(SCRIPT, "h".repeat(PRELUDE_BYTES) + "\n", "", "\n", false);
    static final Wire EVENTSOURCE = new Wire("text/event-stream", "\r\n", "data: ", "\r\n\r\n", false);

    /** Whether a callback's name is one that may stand in a script. */
    static boolean isCallback(String name) {
        return CALLBACK.matcher(name).matches();
    }

    static Wire jsonp(String callback) {
        return new Wire(SCRIPT, null, "/**/" + callback + "(", ");\r\n", true);
    }

    static Wire htmlfile(String callback) {
        String page = "<!doctype html>\n<html><head>\n"
                + "  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n"
                + "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n"
                + "</head><body><h2>Don't panic!</h2>\n  <script>\n    document.domain = document.domain;\n"
                + "    var c = parent." + callback + ";\n    c.start();\n"
                + "    function p(d) {c.message(d);};\n    window.onload = function() {c.stop();};\n  </script>\n";
        return new Wire(
                "text/html;charset=UTF-8",
                page + " ".repeat(PAGE_BYTES) + "\r\n\r\n",
                "<script>\np(",
                ");\n</script>\r\n",
                true);
    }

    byte[] frame(String frame) {
        StringBuilder bytes = new StringBuilder(before.length() + frame.length() + after.length() + 2).append(before);
        if (quoted) {
            Frames.quote(frame, bytes);
            escapeTags(bytes);
        } else {
            bytes.append(frame);
        }
        return bytes.append(after).toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A script in a page ends where its end tag stands, be it in a string. */
    private void escapeTags(StringBuilder script) {
        for (int at = script.indexOf("</", before.length()); at >= 0; at = script.indexOf("</", at + 2)) {
            script.insert(at + 1, '\\');
        }
    }
}
