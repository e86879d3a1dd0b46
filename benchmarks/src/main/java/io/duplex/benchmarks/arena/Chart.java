package io.duplex.benchmarks.arena;

import java.util.List;

/** A plot of bars, as SVG that reads on light and dark pages alike. */
final class Chart {
    private static final int WIDTH = 760;
    private static final int LABEL = 190;
    private static final int VALUE = 70;
    private static final int LINE = 22;
    private static final int BAR = 14;
    private static final int TOP = 30;

    /**
     * One bar.
     *
     * @param emphasis whether it stands out
     */
    record Bar(String label, double value, boolean emphasis) {}

    private Chart() {}

    /** @param bars from top to bottom, one at least */
    static String of(String title, List<Bar> bars) {
        double longest = bars.stream().mapToDouble(Bar::value).max().orElse(1);
        int height = TOP + bars.size() * LINE + 6;
        StringBuilder svg = new StringBuilder();
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + WIDTH + "\" height=\"" + height
                + "\" viewBox=\"0 0 " + WIDTH + " " + height + "\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.append("<style>text{fill:#24292f}.o{fill:#0969da}.p{fill:#afb8c1}"
                + "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.o{fill:#4493f8}.p{fill:#656c76}}</style>\n");
        svg.append("<text x=\"4\" y=\"18\" font-weight=\"bold\">" + escaped(title) + "</text>\n");
        int y = TOP;
        for (Bar bar : bars) {
            int length = (int) Math.max(1, Math.round(bar.value() / longest * (WIDTH - LABEL - VALUE)));
            svg.append("<text x=\"" + (LABEL - 8) + "\" y=\"" + (y + 12) + "\" text-anchor=\"end\">"
                    + escaped(bar.label()) + "</text>");
            svg.append("<rect class=\"" + (bar.emphasis() ? "o" : "p") + "\" x=\"" + LABEL + "\" y=\"" + (y + 1)
                    + "\" width=\"" + length + "\" height=\"" + BAR + "\"/>");
            svg.append("<text x=\"" + (LABEL + length + 6) + "\" y=\"" + (y + 12) + "\">" + Words.figure(bar.value())
                    + "</text>\n");
            y += LINE;
        }
        return svg.append("</svg>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
