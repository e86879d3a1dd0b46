/**
 * What all ways of carrying a session over HTTP have in common: a connection whose packets wait until the peer has them. How
 * packets stand in requests and answers is the business of those who use it.
 */
@NullMarked
package io.duplex.polling.session;

import org.jspecify.annotations.NullMarked;
