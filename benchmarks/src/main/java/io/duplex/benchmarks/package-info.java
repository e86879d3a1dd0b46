/** Benchmarks with JMH. */
package io.duplex.benchmarks;
