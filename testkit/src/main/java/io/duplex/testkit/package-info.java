/** Tools for tests of WebSocket programs: in-memory network, virtual clock, scripts. */
@NullMarked
package io.duplex.testkit;

import org.jspecify.annotations.NullMarked;
