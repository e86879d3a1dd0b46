/** One stream of events over polling, streaming and WebSocket side by side, on real sockets, with what each costs. */
@NullMarked
package io.duplex.cli.lab;

import org.jspecify.annotations.NullMarked;
