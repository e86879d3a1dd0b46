package io.duplex.cli.lab;

import java.util.List;
import java.util.Locale;

/** Results as a picture (SVG) and as values between commas (RFC 4180). */
public final class Chart {
    private static final int WIDTH = 720;
    private static final int ROW = 44;
    private static final int LEFT = 170;
    private static final int TOP = 56;
    private static final double[] QUANTILES = {50, 90, 99, 100};

    private Chart() {}

    /** One line for each way, under a line with the names of the columns and their units. */
    public static String csv(List<Result> results) {
        StringBuilder csv = new StringBuilder(512);
        csv.append("way,published,delivered,out_of_order,requests,empty_answers,bytes_up,bytes_down,connections,")
                .append("latency_p50_ms,latency_p99_ms,latency_max_ms,server_cpu_us_per_delivery\r\n");
        for (Result result : results) {
            Costs costs = result.costs();
            csv.append(String.format(
                    Locale.ROOT,
                    "%s,%d,%d,%d,%d,%d,%d,%d,%d,%.3f,%.3f,%.3f,%.2f\r\n",
                    result.way().id(),
                    costs.published(),
                    result.delivered(),
                    result.disordered(),
                    costs.requests(),
                    costs.emptyAnswers(),
                    costs.bytesUp(),
                    costs.bytesDown(),
                    costs.connections(),
                    millis(result, 50),
                    millis(result, 99),
                    millis(result, 100),
                    result.cpuMicrosPerEvent()));
        }
        return csv.toString();
    }

    /** Latencies on a logarithmic axis: a bar from the median to p99, marks at p90 and the greatest. */
    public static String svg(List<Result> results, String title) {
        double most = results.stream()
                .mapToDouble(result -> millis(result, 100))
                .max()
                .orElse(1);
        double decades = Math.max(2, Math.ceil(Math.log10(Math.max(most, 0.1) / 0.1)));
        int height = TOP + results.size() * ROW + 30;
        StringBuilder svg = new StringBuilder(4096);
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">%n",
                WIDTH,
                height));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        svg.append("<text x=\"12\" y=\"22\" font-size=\"15\">")
                .append(escape(title))
                .append("</text>\n");
        for (int decade = 0; decade <= decades; decade++) {
            double value = 0.1 * Math.pow(10, decade);
            double x = x(value, decades);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s ms</text>%n",
                    x,
                    x,
                    TOP - 12,
                    height - 26,
                    x,
                    height - 8,
                    value < 1 ? "0.1" : Long.toString(Math.round(value))));
        }
        for (int i = 0; i < results.size(); i++) {
            row(svg, results.get(i), TOP + i * ROW, decades);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void row(StringBuilder svg, Result result, int y, double decades) {
        double[] at = new double[QUANTILES.length];
        for (int i = 0; i < at.length; i++) {
            at[i] = x(Math.max(millis(result, QUANTILES[i]), 0.1), decades);
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"12\" y=\"%d\">%s</text><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"16\" fill=\"#3b7ddd\"/>"
                        + "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#fff\"/><circle cx=\"%.1f\" cy=\"%d\" r=\"3\" fill=\"#c33\"/>%n",
                y + 13,
                escape(result.way().title()),
                at[0],
                y,
                Math.max(at[2] - at[0], 2),
                at[1],
                at[1],
                y,
                y + 16,
                at[3],
                y + 8));
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"#555\">p50 %.1f ms, p99 %.1f ms, %.0f bytes and %.1f us of server for each delivery</text>%n",
                LEFT,
                y + 29,
                millis(result, 50),
                millis(result, 99),
                result.bytesPerEvent(),
                result.cpuMicrosPerEvent()));
    }

    private static double x(double millis, double decades) {
        return LEFT + (WIDTH - LEFT - 24) * Math.log10(millis / 0.1) / decades;
    }

    private static double millis(Result result, double quantile) {
        return result.latency().getValueAtPercentile(quantile) / 1000.0;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
