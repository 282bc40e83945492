package io.github.wfpsim.fray;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.irp.Irp;
import io.github.wfpsim.winsock.CompletionPort;
import io.github.wfpsim.winsock.Kernel32;
import io.github.wfpsim.winsock.OverlappedWinsock;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.wsk.Wsk;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskDatagramSocket;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskRegistration;
import io.github.wfpsim.wsk.WskSocket;
import io.github.wfpsim.wsk.WskStreamSocket;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page on concurrency lists what {@link Answers} says, of every call that can wait or pend. */
class AnswersPageTest {

    private static final Path PAGE = Path.of("docs", "concurrency.md");
    private static final String HEAD = "| Call | While | May answer | Story |";

    private static final List<Class<?>> FACES = List.of(
            Winsock.class,
            OverlappedWinsock.class,
            Kernel32.class,
            Wsk.class,
            WskProviderNpi.class,
            WskSocket.class,
            WskListenSocket.class,
            WskConnectionSocket.class,
            WskDatagramSocket.class,
            WskStreamSocket.class);

    /** What takes an object that another thread may take away is a call that can lose it. */
    private static final Set<Class<?>> LOSABLE =
            Set.of(SocketHandle.class, CompletionPort.class, Irp.class, WskRegistration.class);

    /** Calls that neither wait nor pend for anything that another thread could take away: they end at once as they find it. */
    private static final Set<String> END_AT_ONCE = Set.of(
            "Kernel32.createIoCompletionPort",
            "Kernel32.postQueuedCompletionStatus",
            "Kernel32.setFileCompletionNotificationModes",
            "OverlappedWinsock.cancelIo",
            "OverlappedWinsock.cancelIoEx",
            "Winsock.closesocket",
            "Winsock.getsockopt",
            "Winsock.ioctlsocket",
            "Winsock.setsockopt",
            "Winsock.tcpSocket",
            "Winsock.wsaDuplicateSocket",
            "Winsock.wsaEnumNetworkEvents",
            "Winsock.wsaEventSelect",
            "Wsk.wskReleaseProviderNpi",
            "WskConnectionSocket.wskGetLocalAddress",
            "WskConnectionSocket.wskGetRemoteAddress",
            "WskDatagramSocket.wskGetLocalAddress",
            "WskListenSocket.wskGetLocalAddress",
            "WskListenSocket.wskInspectComplete",
            "WskProviderNpi.wskControlClient",
            "WskProviderNpi.wskSocket",
            "WskSocket.wskControlSocket",
            "WskStreamSocket.wskGetLocalAddress");

    @Test
    void page_isWhatTheTableSays() throws IOException {
        String table = Stream.concat(
                        Stream.of(HEAD, "|---|---|---|---|"),
                        Arrays.stream(Answers.values()).map(Answers::row))
                .collect(Collectors.joining("\n"));
        String page = Files.readString(PAGE);
        if (Boolean.getBoolean("answers.write")) {
            int start = page.indexOf(HEAD);
            int end = page.indexOf("\n\n", start);
            page = page.substring(0, start) + table + page.substring(end);
            Files.writeString(PAGE, page);
        }
        assertThat(page).contains(table + "\n");
    }

    @Test
    void eachRow_namesAStoryThatExists() throws IOException {
        for (Answers row : Answers.values()) {
            String[] story = row.story().split("\\.", 2);
            Path source = Path.of("src", "fray", "java", "io", "github", "wfpsim", "fray", story[0] + ".java");
            assertThat(Files.readString(source)).as(row.name()).contains("void " + story[1] + "()");
        }
    }

    @Test
    void eachCallThatCanLoseItsObject_hasARow() {
        Set<String> listed = Arrays.stream(Answers.values())
                .flatMap(row -> row.calls().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        listed.addAll(END_AT_ONCE);
        assertThat(listed).containsAll(losable());
    }

    private static Set<String> losable() {
        Set<String> calls = new TreeSet<>();
        for (Class<?> face : FACES) {
            for (Method call : face.getDeclaredMethods()) {
                if (Arrays.stream(call.getParameterTypes()).anyMatch(LOSABLE::contains)) {
                    calls.add(face.getSimpleName() + "." + call.getName());
                }
            }
        }
        return calls;
    }
}
