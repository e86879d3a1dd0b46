package io.duplex.client;

import io.duplex.extension.ExtensionElement;
import io.duplex.extension.PermessageDeflate;
import java.util.List;

/**
 * The extensions that one connection offers otherwise than its client. Immutable and thread-safe.
 *
 * @param compression whether and how to offer it
 * @param others to offer besides, though nobody here speaks them
 */
record OfferedExtensions(PermessageDeflate compression, List<ExtensionElement> others) {}
