package io.duplex.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Worlds of 10,000 steps, each from its own seed. {@code -Dduplex.seed=N} begins with another seed, {@code -Dduplex.steps=N} takes
 * more steps; a failure says how its world alone is run again.
 */
class SimulationTest {
    private static final int STEPS_OF_A_WORLD = 10_000;
    private static final long SEED = Long.getLong("duplex.seed", 1);
    private static final long STEPS = Long.getLong("duplex.steps", 1_000_000);

    private static Simulation run(long seed) {
        Simulation world = new Simulation(seed);
        try {
            world.run(STEPS_OF_A_WORLD);
        } catch (RuntimeException | AssertionError fault) {
            throw new AssertionError(
                    "after " + world.steps() + " steps: " + fault.getMessage()
                            + "; again: -Dtest=SimulationTest -Dduplex.seed=" + seed + " -Dduplex.steps="
                            + STEPS_OF_A_WORLD,
                    fault);
        }
        return world;
    }

    @Test
    void whatConnectionsPromiseHoldsInEveryWorld() {
        long events = 0;
        long connections = 0;
        for (long i = 0; i < STEPS / STEPS_OF_A_WORLD; i++) {
            Simulation world = run(SEED + i);
            events += world.events();
            connections += world.connections();
        }
        System.out.printf("%d steps, %d connections, %d messages and ends%n", STEPS, connections, events);
        assertThat(connections).isGreaterThan(STEPS / 1000);
        assertThat(events).isGreaterThan(STEPS / 4);
    }

    @Test
    void aSeedGivesTheSameWorldEachTime() {
        assertThat(run(SEED).digest()).isEqualTo(run(SEED).digest());
        assertThat(run(SEED).digest()).isNotEqualTo(run(SEED + 1).digest());
    }
}
