/** WebSocket in Spring Boot applications. */
@NullMarked
package io.duplex.spring;

import org.jspecify.annotations.NullMarked;
