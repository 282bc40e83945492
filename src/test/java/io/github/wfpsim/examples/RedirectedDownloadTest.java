package io.github.wfpsim.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The example runs with each of its options and ends as its help says. */
@Timeout(60)
class RedirectedDownloadTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                | 0 | OK 1048576 bytes
                    --chain           | 0 | bolt inspected 1 connection(s)
                    --verify-upstream | 0 | The proxy accepted 0 connection(s).
                    --kernel          | 0 | The driver served 1 connection(s) and holds 0 thing(s) when it unloads.
                    --async           | 0 | OK 1048576 bytes
                    --udp             | 0 | OK
                    --forget-set      | 1 | Reason: a redirect loop.
                    """)
    void option_endsWithItsStatus_andTellsWhatHappened(String option, int status, String told) {
        StringWriter story = new StringWriter();
        String[] args = option.isEmpty() ? new String[0] : new String[] {option};

        int ended = new CommandLine(new RedirectedDownload(new PrintWriter(story, true))).execute(args);

        assertThat(ended).as("%s", story).isEqualTo(status);
        assertThat(story.toString()).contains(told).contains("The story of the connections:");
    }
}
