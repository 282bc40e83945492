package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResidentsTest {

    private final Residents<String> residents = new Residents<>();

    @Test
    void close_givesOutWhoIsInside_inTheOrderOfMovingIn() {
        residents.add("b");
        residents.add("gone");
        residents.add("a");
        residents.remove("gone");

        assertThat(residents.close()).containsExactly("b", "a");
    }

    @Test
    void add_onceClosed_isTurnedAway() {
        residents.close();

        assertThat(residents.add("late")).isFalse();
        assertThat(residents.now()).isEmpty();
    }
}
