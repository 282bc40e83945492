package io.github.wfpsim.abi;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.Spec;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RtlNtStatusToDosError, by the numbers of ntstatus.h and winerror.h. */
class DosErrorTest {

    @ParameterizedTest
    @CsvSource({
        "00000000, 0", "00000103, 997", "80000002, 998", "80000005, 234", "80000011, 170", "C0000001, 31",
        "C0000008, 6", "C000000D, 87", "C0000010, 1", "C0000016, 234", "C0000022, 5", "C0000023, 122",
        "C0000095, 534", "C000009A, 1450", "C00000A3, 21", "C00000B0, 233", "C00000B6, 38", "C00000BB, 50",
        "C00000C1, 56", "C00000D0, 71", "C0000120, 995", "C000013B, 64", "C000013C, 64", "C0000184, 22",
        "C0000206, 1784", "C0000207, 1214", "C000020A, 52", "C000020C, 64", "C000020D, 64", "C000021B, 317",
        "C0000225, 1168", "C0000236, 1225", "C000023A, 1229", "C000023B, 1230", "C000023C, 1231", "C000023D, 1232",
        "C000023F, 1234", "C0000241, 1236", "C00002B9, 317"
    })
    @Spec("IOCP-10")
    void status_hasTheNumberOfWin32(String status, int expected) {
        NtStatus known = NtStatus.fromCode(Integer.parseUnsignedInt(status, 16)).orElseThrow();

        assertThat(known.toDosError().code()).isEqualTo(expected);
    }

    /** A new status either gets its number or joins this list, which has those that no socket call ends with. */
    @Test
    @Spec("IOCP-10")
    void onlyThoseThatNoSocketCallEndsWith_haveNoNumber() {
        List<NtStatus> without = Stream.of(NtStatus.values())
                .filter(status -> !status.name().startsWith("STATUS_FWP_"))
                .filter(status -> status.toDosError() == Win32Error.ERROR_MR_MID_NOT_FOUND)
                .toList();

        assertThat(without)
                .containsExactlyInAnyOrder(
                        NtStatus.STATUS_OBJECT_NAME_EXISTS,
                        NtStatus.STATUS_EVENT_PENDING,
                        NtStatus.STATUS_DATA_NOT_ACCEPTED,
                        NtStatus.STATUS_NOINTERFACE);
    }
}
