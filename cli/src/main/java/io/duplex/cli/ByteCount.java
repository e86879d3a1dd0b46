package io.duplex.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number of bytes such as 4096, 64k or 16m. */
final class ByteCount implements ITypeConverter<Integer> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,10})([kmKM]?)");

    @Override
    public Integer convert(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            long bytes = Long.parseLong(form.group(1)) << shift(form.group(2));
            if (bytes > 0 && bytes <= Integer.MAX_VALUE) {
                return (int) bytes;
            }
        }
        throw new TypeConversionException(
                "'" + text + "' is no number of bytes: give 1 to 2147483647, or with k or m, such as 64k");
    }

    private static int shift(String suffix) {
        return switch (suffix.toLowerCase(Locale.ROOT)) {
            case "k" -> 10;
            case "m" -> 20;
            default -> 0;
        };
    }
}
