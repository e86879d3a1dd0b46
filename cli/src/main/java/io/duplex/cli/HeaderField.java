package io.duplex.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A field for the request, as the user wrote it.
 *
 * @param name before the colon
 * @param value behind it
 */
record HeaderField(String name, String value) {
    /** Reads {@code name: value}. */
    static final class Converter implements ITypeConverter<HeaderField> {
        @Override
        public HeaderField convert(String text) {
            int colon = text.indexOf(':');
            if (colon <= 0) {
                throw new TypeConversionException("'" + text + "' is no header: give 'Name: value'");
            }
            return new HeaderField(
                    text.substring(0, colon), text.substring(colon + 1).strip());
        }
    }
}
