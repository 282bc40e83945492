package io.github.wfpsim.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.host.Race;
import io.github.wfpsim.host.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ProcessTableTest {

    private static final String BROWSER = "C:\\Program Files\\Browser\\Browser.exe";

    private final ProcessTable processes = new ProcessTable();

    private ProcessEntry startBrowser() {
        return processes.start(BROWSER, Token.STANDARD_USER, null);
    }

    @Test
    void alive_isInTheOrderOfStart_howeverManyThereAre() {
        List<ProcessEntry> started = new ArrayList<>(List.of(processes.system()));
        for (int i = 0; i < 100; i++) {
            started.add(processes.start("C:\\app" + i + ".exe", Token.STANDARD_USER, null));
        }
        processes.end(started.remove(50));

        assertThat(processes.alive()).isEqualTo(started);
    }

    @Test
    void system_livesFromTheStartAsProcess4() {
        ProcessEntry system = processes.system();

        assertThat(system.id()).isEqualTo(4);
        assertThat(system.token()).isEqualTo(Token.SYSTEM);
        assertThat(system.isAlive()).isTrue();
        assertThat(system).hasToString("System(4)");
        assertThat(processes.find(4)).containsSame(system);
        assertThat(processes.alive()).containsExactly(system);
    }

    @Test
    void start_givesIdsInFoursFrom1000() {
        assertThat(startBrowser().id()).isEqualTo(1000);
        assertThat(startBrowser().id()).isEqualTo(1004);
        assertThat(startBrowser().id()).isEqualTo(1008);
    }

    @Test
    void start_keepsImageTokenAndPackage() {
        ProcessEntry process = processes.start(BROWSER, Token.ELEVATED_ADMINISTRATOR, "S-1-15-2-1");

        assertThat(process.imagePath()).isEqualTo(BROWSER);
        assertThat(process.appId()).isEqualTo("\\device\\harddiskvolume3\\program files\\browser\\browser.exe");
        assertThat(process.imageName()).isEqualTo("Browser.exe");
        assertThat(process.token()).isEqualTo(Token.ELEVATED_ADMINISTRATOR);
        assertThat(process.packageSid()).isEqualTo("S-1-15-2-1");
        assertThat(process).hasToString("Browser.exe(1000)");
        assertThat(startBrowser().packageSid()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "browser.exe, browser.exe",
        "C:\\a\\b.exe, b.exe",
        "/usr/bin/curl, curl",
        "C:\\mixed/c.exe, c.exe",
    })
    void imageName_isTheLastPartOfThePath(String path, String name) {
        assertThat(processes.start(path, Token.STANDARD_USER, null).imageName()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "C:\\folder\\"})
    void start_ofAPathWithoutFileName_isRejectedAndUsesNoId(String path) {
        assertThatThrownBy(() -> processes.start(path, Token.STANDARD_USER, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + path + "\"");

        assertThat(startBrowser().id()).isEqualTo(1000);
    }

    @Test
    void setToken_isSeenByLaterChecks() {
        ProcessEntry process = startBrowser();

        process.setToken(Token.SYSTEM);

        assertThat(process.token()).isEqualTo(Token.SYSTEM);
    }

    @Test
    void find_ofAnUnknownId_isEmpty() {
        assertThat(processes.find(0)).isEmpty();
        assertThat(processes.find(1000)).isEmpty();
        assertThat(processes.find(-4)).isEmpty();
    }

    @Test
    void end_takesTheProcessOutAndDoesNotReuseItsId() {
        ProcessEntry ended = startBrowser();
        ProcessEntry other = startBrowser();

        processes.end(ended);

        assertThat(ended.isAlive()).isFalse();
        assertThat(processes.find(ended.id())).isEmpty();
        assertThat(processes.alive()).containsExactly(processes.system(), other);
        assertThat(startBrowser().id()).isEqualTo(1008);
    }

    @Test
    void end_tellsEveryListenerOnceInOrder() {
        List<String> told = new ArrayList<>();
        processes.onExit(process -> told.add("first " + process + " " + process.isAlive()));
        processes.onExit(process -> told.add("second " + process + " " + process.isAlive()));
        ProcessEntry process = startBrowser();

        processes.end(process);
        processes.end(process);

        assertThat(told).containsExactly("first Browser.exe(1000) false", "second Browser.exe(1000) false");
    }

    @Test
    void end_whenAListenerThrows_stillTellsTheOthers() {
        List<ProcessEntry> told = new ArrayList<>();
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalStateException("second");
        processes.onExit(process -> {
            throw first;
        });
        processes.onExit(process -> {
            throw second;
        });
        processes.onExit(told::add);
        ProcessEntry process = startBrowser();

        assertThatThrownBy(() -> processes.end(process)).isSameAs(first).hasSuppressedException(second);
        assertThat(told).containsExactly(process);
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void end_ofSystem_isRejected() {
        assertThatThrownBy(() -> processes.end(processes.system()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("System(4)");
        assertThat(processes.system().isAlive()).isTrue();
    }

    @Test
    void end_ofAnotherHostsProcess_isRejected() {
        ProcessTable elsewhere = new ProcessTable();
        ProcessEntry stranger = elsewhere.start(BROWSER, Token.STANDARD_USER, null);
        ProcessEntry sameId = startBrowser();

        assertThatThrownBy(() -> processes.end(stranger))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another host");
        assertThat(stranger.isAlive()).isTrue();
        assertThat(sameId.isAlive()).isTrue();
    }

    @Test
    void exitListener_runsWithoutTheTablesLock() {
        // If a lock were held, the other thread could not look anything up and the wait would time out.
        processes.onExit(ended -> CompletableFuture.supplyAsync(() -> processes.find(4))
                .orTimeout(10, TimeUnit.SECONDS)
                .join());

        processes.end(startBrowser());

        assertThat(processes.alive()).containsExactly(processes.system());
    }

    @Test
    void end_fromManyThreads_tellsListenersOnce() throws Exception {
        AtomicInteger told = new AtomicInteger();
        processes.onExit(process -> told.incrementAndGet());
        ProcessEntry process = startBrowser();
        Callable<Boolean> end = () -> {
            processes.end(process);
            return true;
        };

        Race.run(8, end);

        assertThat(told).hasValue(1);
    }

    @Test
    void start_fromManyThreads_neverGivesOneIdTwice() throws Exception {
        List<ProcessEntry> started = Race.run(8, this::startBrowser);

        assertThat(started).extracting(ProcessEntry::id).doesNotHaveDuplicates();
        assertThat(processes.alive()).hasSize(9).containsAll(started);
    }

    @Test
    void start_onceClosed_isRefused_andThoseThatLiveAreGivenOut() {
        ProcessEntry app = processes.start("C:\\app.exe", Token.STANDARD_USER, null);

        assertThat(processes.close()).containsExactly(app);
        assertThatIllegalStateException()
                .isThrownBy(() -> processes.start("C:\\late.exe", Token.STANDARD_USER, null))
                .withMessage("this WfpSim is closed: open another one");
    }
}
