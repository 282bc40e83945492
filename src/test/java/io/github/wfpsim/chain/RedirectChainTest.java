package io.github.wfpsim.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.wfpsim.Spec;
import io.github.wfpsim.abi.RedirectState;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectChainTest {

    private static final long SELF = 5;

    /** Handle numbers of a chain, oldest first; the caller's handle is 5. */
    @ParameterizedTest(name = "[{0}] is {1}")
    @CsvSource({
        "'', FWPS_CONNECTION_NOT_REDIRECTED",
        "5, FWPS_CONNECTION_REDIRECTED_BY_SELF",
        "6, FWPS_CONNECTION_REDIRECTED_BY_OTHER",
        "6 7 8, FWPS_CONNECTION_REDIRECTED_BY_OTHER",
        "6 5, FWPS_CONNECTION_REDIRECTED_BY_SELF",
        "5 5, FWPS_CONNECTION_REDIRECTED_BY_SELF",
        "5 6, FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF",
        "6 5 7, FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF",
        "5 6 5, FWPS_CONNECTION_REDIRECTED_BY_SELF",
        "5 6 6, FWPS_CONNECTION_PREVIOUSLY_REDIRECTED_BY_SELF"
    })
    @Spec({"REC-20", "REC-21", "REC-22", "REC-23"})
    void stateFor_anyChain_followsTheTable(String handles, RedirectState expected) {
        long[] ids = Arrays.stream(handles.split(" "))
                .filter(id -> !id.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();

        assertThat(Chains.of(ids).stateFor(Chains.handle(SELF))).isEqualTo(expected);
    }

    @Test
    @Spec("REC-25")
    void stateFor_anotherHandleOfTheSameProvider_isOther() {
        RedirectChain chain = Chains.of(SELF);
        RedirectHandle sibling = new DriverRedirectHandle(
                SELF + 1,
                chain.records().get(0).providerId(),
                Chains.handle(SELF).owner(),
                gone -> {});

        assertThat(chain.stateFor(sibling)).isEqualTo(RedirectState.FWPS_CONNECTION_REDIRECTED_BY_OTHER);
    }

    @Test
    @Spec("REC-16")
    void append_keepsTheOlderChainAndTheOrder() {
        RedirectChain one = Chains.of(1);

        RedirectChain two = one.append(Chains.record(9, 2));

        assertThat(one.size()).isEqualTo(1);
        assertThat(two.records()).extracting(RedirectRecord::handleId).containsExactly(1L, 2L);
        assertThat(two.newest()).isEqualTo(Chains.record(9, 2));
    }

    @Test
    @Spec("REC-18")
    void replaceNewest_keepsTheLength() {
        RedirectChain replaced = Chains.of(1, 2).replaceNewest(Chains.record(9, 2));

        assertThat(replaced.records()).containsExactly(Chains.record(1, 1), Chains.record(9, 2));
    }

    @Test
    void replaceNewest_ofEmptyChain_isRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> RedirectChain.empty().replaceNewest(Chains.record(1, 1)))
                .withMessageContaining("append");
    }

    @Test
    void newestOf_handleThatOccursTwice_isTheLater() {
        RedirectChain chain = Chains.of(SELF, 6, SELF, 7);

        assertThat(chain.newestOf(Chains.handle(SELF))).isEqualTo(Chains.record(3, SELF));
        assertThat(chain.newestOf(Chains.handle(8))).isNull();
        assertThat(chain.occurrencesOf(SELF)).isEqualTo(2);
    }

    @Test
    void emptyChain_hasNothing() {
        assertThat(RedirectChain.empty().isEmpty()).isTrue();
        assertThat(RedirectChain.empty().newest()).isNull();
        assertThat(RedirectChain.empty().records()).isEmpty();
    }

    @Test
    void records_cannotBeChanged() {
        RedirectChain chain = Chains.of(1);

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> chain.records().set(0, Chains.record(2, 2)));
    }

    @Test
    void equality_isByContent() {
        assertThat(Chains.of(1, 2)).isEqualTo(Chains.of(1, 2)).hasSameHashCodeAs(Chains.of(1, 2));
        assertThat(Chains.of(1, 2)).isNotEqualTo(Chains.of(2, 1));
    }

    @Test
    @Spec("REC-11")
    void localOnly_leavesOutRedirectsToOtherMachines_andIsTheSameChainWithoutAny() {
        RedirectChain local = Chains.of(1, 2);
        RedirectRecord away = Chains.awayFromHere(3, 3);

        assertThat(local.localOnly()).isSameAs(local);
        assertThat(local.append(away).localOnly()).isEqualTo(local).isNotSameAs(local);
        assertThat(RedirectChain.empty()
                        .append(away)
                        .append(Chains.record(1, 1))
                        .localOnly())
                .isEqualTo(Chains.of(1));
    }

    @Test
    void chains_areFoundAgainInMaps_andTellTheirRecords() {
        assertThat(Chains.of(1, 2)).hasSameHashCodeAs(Chains.of(1, 2));
        assertThat(Chains.of(1, 2).hashCode()).isNotEqualTo(Chains.of(2, 1).hashCode());
        assertThat(Chains.of(1)).asString().contains("acme.sys");
        assertThat(Chains.handle(7)).asString().contains("#7").contains("acme.sys");
    }

    @Test
    void newestOf_theOldest_isFoundToo() {
        assertThat(Chains.of(SELF, 2, 3).newestOf(Chains.handle(SELF))).isEqualTo(Chains.record(1, SELF));
        assertThat(Chains.of(2, 3).newestOf(Chains.handle(SELF))).isNull();
    }

    @Test
    void append_null_saysWhat() {
        assertThatNullPointerException()
                .isThrownBy(() -> RedirectChain.empty().append(null))
                .withMessageContaining("record");
    }
}
