package io.github.wfpsim.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WindowsVersionTest {

    @ParameterizedTest
    @CsvSource({
        "WINDOWS_7, WINDOWS_8, false",
        "WINDOWS_8, WINDOWS_8, true",
        "WINDOWS_8_1, WINDOWS_8, true",
        "WINDOWS_10, WINDOWS_8_1, true",
        "WINDOWS_10, WINDOWS_10_1703, false",
        "WINDOWS_10_1703, WINDOWS_10_1703, true",
        "WINDOWS_11, WINDOWS_10_1703, true",
    })
    void isAtLeast_comparesByAge(WindowsVersion version, WindowsVersion other, boolean expected) {
        assertThat(version.isAtLeast(other)).isEqualTo(expected);
    }

    @Test
    void latest_isAtLeastEveryVersion() {
        assertThat(WindowsVersion.values())
                .allSatisfy(version ->
                        assertThat(WindowsVersion.latest().isAtLeast(version)).isTrue());
    }

    @ParameterizedTest
    @CsvSource({
        "STANDARD_USER, false",
        "FILTERED_ADMINISTRATOR, false",
        "ELEVATED_ADMINISTRATOR, true",
        "SYSTEM, true",
    })
    void token_isElevatedOnlyWithFullRights(Token token, boolean expected) {
        assertThat(token.isElevated()).isEqualTo(expected);
    }
}
