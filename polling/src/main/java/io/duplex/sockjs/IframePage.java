package io.duplex.sockjs;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** The page in which a client of another origin runs. */
final class IframePage {
    private final String html;
    private final String tag;

    /** @param clientUrl of the script */
    IframePage(String clientUrl) {
        String url = clientUrl.replace("&", "&amp;").replace("\"", "&quot;").replace("<", "&lt;");
        html = "<!DOCTYPE html>\n<html>\n<head>\n"
                + "  <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\" />\n"
                + "  <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" />\n"
                + "  <script src=\"" + url + "\"></script>\n"
                + "  <script>\n    document.domain = document.domain;\n    SockJS.bootstrap_iframe();\n  </script>\n"
                + "</head>\n<body>\n  <h2>Don't panic!</h2>\n"
                + "  <p>This is a SockJS hidden iframe. It's used for cross domain magic.</p>\n</body>\n</html>";
        CRC32C sum = new CRC32C();
        sum.update(html.getBytes(StandardCharsets.UTF_8));
        tag = '"' + Long.toHexString(sum.getValue()) + '"';
    }

    String html() {
        return html;
    }

    String tag() {
        return tag;
    }
}
