package io.github.wfpsim.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.abi.ConditionFlag;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.FilterFlag;
import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.abi.MetadataField;
import io.github.wfpsim.cmsg.AncillaryType;
import io.github.wfpsim.iphlp.Iphlpapi;
import io.github.wfpsim.irp.Io;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.wfp.BindRequest;
import io.github.wfpsim.wfp.ConnectRequest;
import io.github.wfpsim.wfp.Fwpm;
import io.github.wfpsim.wfp.FwpmEnumeration;
import io.github.wfpsim.wfp.FwpmSubscriptions;
import io.github.wfpsim.wfp.Fwps;
import io.github.wfpsim.winsock.Kernel32;
import io.github.wfpsim.winsock.OverlappedWinsock;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.wsk.Wsk;
import io.github.wfpsim.wsk.WskConnectionSocket;
import io.github.wfpsim.wsk.WskDatagramSocket;
import io.github.wfpsim.wsk.WskListenSocket;
import io.github.wfpsim.wsk.WskProviderNpi;
import io.github.wfpsim.wsk.WskSocket;
import io.github.wfpsim.wsk.WskStreamSocket;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/fidelity.md names everything that is mirrored. */
class FidelityPageTest {

    private static final Set<String> OURS = Set.of(
            "addfilter",
            "addsublayer",
            "appidof",
            "filters",
            "open",
            "close",
            "tcpsocket",
            "udpsocket",
            "send",
            "sendfor",
            "overlapped",
            "tcptable",
            "udptable",
            "kernel32");

    private static String page() throws IOException {
        return Files.readString(Path.of("docs", "fidelity.md")).toLowerCase(Locale.ROOT);
    }

    private static List<String> missing(Stream<String> names) throws IOException {
        String page = page();
        return names.map(name -> name.toLowerCase(Locale.ROOT))
                .filter(name -> !OURS.contains(name))
                .filter(name -> !page.contains("`" + name + "`"))
                .toList();
    }

    private static List<String> mirrored(Class<?> facade) {
        return Stream.of(facade.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(method -> method.getName())
                .filter(name -> !name.equals("toString"))
                .filter(name -> !OURS.contains(name.toLowerCase(Locale.ROOT)))
                .distinct()
                .toList();
    }

    static Stream<Arguments> facades() {
        return Stream.of(
                arguments(Fwps.class, "engine.md"),
                arguments(Fwpm.class, "engine.md"),
                arguments(FwpmEnumeration.class, "engine.md"),
                arguments(FwpmSubscriptions.class, "engine.md"),
                arguments(Io.class, "irp.md"),
                arguments(Mm.class, "irp.md"),
                arguments(Wsk.class, "wsk.md"),
                arguments(WskProviderNpi.class, "wsk.md"),
                arguments(WskSocket.class, "wsk.md"),
                arguments(WskListenSocket.class, "wsk.md"),
                arguments(WskConnectionSocket.class, "wsk.md"),
                arguments(WskDatagramSocket.class, "wsk.md"),
                arguments(WskStreamSocket.class, "wsk.md"),
                arguments(Winsock.class, "winsock.md"),
                arguments(OverlappedWinsock.class, "winsock.md"),
                arguments(Kernel32.class, "winsock.md"),
                arguments(Iphlpapi.class, "winsock.md"));
    }

    @ParameterizedTest
    @MethodSource("facades")
    void portingTable_namesEveryMirroredFunction(Class<?> facade, String page) throws IOException {
        String guide = Files.readString(Path.of("docs", page));
        String table = guide.substring(guide.indexOf("## Porting a"));

        assertThat(mirrored(facade))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(table).contains("`" + facade.getSimpleName() + "." + name + "`"));
    }

    @ParameterizedTest
    @MethodSource("facades")
    void page_namesEveryMirroredFunction(Class<?> facade, String portedIn) throws IOException {
        assertThat(missing(mirrored(facade).stream())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                FilterFlag.class,
                ConditionFlag.class,
                ConditionField.class,
                MatchType.class,
                MetadataField.class,
                ControlCode.class,
                AncillaryType.class
            })
    void page_namesEveryFlagFieldAndCode(Class<? extends Enum<?>> names) throws IOException {
        assertThat(missing(Stream.of(names.getEnumConstants()).map(Enum::name))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(classes = {ConnectRequest.class, BindRequest.class})
    void page_namesEveryMemberThatACalloutMayChange(Class<?> request) throws IOException {
        assertThat(missing(Stream.of(request.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .map(method -> method.getName())
                        .filter(name -> name.startsWith("set"))
                        .map(name -> name.substring(3))))
                .isEmpty();
    }

    @Test
    void page_namesEverySocketOptionAndFlag() throws IOException {
        assertThat(missing(Stream.of(Winsock.class.getFields())
                        .map(field -> field.getName())
                        .filter(name -> name.startsWith("SO_") || name.startsWith("IPV6_") || name.contains("_FLAG_"))))
                .isEmpty();
    }
}
