package io.github.wfpsim.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.wfpsim.model.Comparison.Where;
import io.github.wfpsim.model.ModelSocket.Entry;
import io.github.wfpsim.model.ModelSocket.State;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whether the model test finds a wrong rule, tells it in few calls, and prints Java that fails in the same way. */
@Timeout(120)
class ShrinkerTest {

    private static final int SEEDS = 5000;

    /** Forgets that only the named process may query (REC-35). */
    private static final class EverybodyMayQuery extends Model {

        @Override
        protected boolean mayQuery(Actor caller, Entry newest) {
            return true;
        }
    }

    /** Lets records be set on bound sockets (WSA-10). */
    private static final class SetAfterBind extends Model {

        @Override
        protected boolean maySetIn(State state) {
            return state == State.OPEN || state == State.BOUND;
        }
    }

    /** Lets callouts redirect what they have redirected before (REC-21). */
    private static final class RedirectsAgain extends Model {

        @Override
        protected boolean mayRedirect(String handle, List<Entry> chain) {
            return chain.isEmpty() || chain.size() == 1;
        }
    }

    private static Comparison found(Supplier<? extends Model> models) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Comparison comparison = Comparison.of(Generator.sequence(seed), models);
            if (comparison.difference() != null) {
                return Shrinker.shrink(comparison, models);
            }
        }
        throw new AssertionError("no sequence shows the wrong rule");
    }

    @Test
    void wrongRuleOfQueries_isFound_inTheFewestCalls() {
        Comparison shrunk = found(EverybodyMayQuery::new);

        assertThat(shrunk.difference().where()).isEqualTo(Where.ANSWER);
        assertThat(shrunk.difference().actual()).startsWith("WSAEACCES");
        // The listener, the client, and what they do.
        assertThat(calls(shrunk))
                .containsExactlyInAnyOrder("socket", "bind", "listen", "socket", "connect", "accept", "query");
    }

    @Test
    void wrongRuleOfSet_isFound_andEveryCallIsNeeded() {
        Comparison shrunk = found(SetAfterBind::new);

        assertThat(shrunk.difference().actual()).startsWith("WSAEINVAL");
        assertThat(calls(shrunk)).containsOnlyOnce("accept", "listen", "connect");
        assertEveryCallIsNeeded(shrunk, SetAfterBind::new);
    }

    @Test
    void wrongRuleOfRedirects_isFound_andEveryCallIsNeeded() {
        Comparison shrunk = found(RedirectsAgain::new);

        // Without records on the onward socket there is nothing to redirect again.
        assertThat(calls(shrunk)).contains("accept", "query", "set").endsWith("connect");
        assertEveryCallIsNeeded(shrunk, RedirectsAgain::new);
    }

    private static void assertEveryCallIsNeeded(Comparison shrunk, Supplier<? extends Model> models) {
        for (int i = 0; i < shrunk.made().size(); i++) {
            List<Step> without = new ArrayList<>(shrunk.steps());
            without.remove(i);
            assertThat(shrunk.difference().isLike(Comparison.of(without, models).difference()))
                    .as("without %s", shrunk.steps().get(i))
                    .isFalse();
        }
    }

    @Test
    void printedJava_compiles_andFailsInTheSameWay(@TempDir Path folder) throws Exception {
        for (Comparison shrunk : List.of(found(EverybodyMayQuery::new), found(RedirectsAgain::new))) {
            Method printed = compiled(folder, JavaText.classOf(shrunk, "Printed", "shrunk"));
            Object test = printed.getDeclaringClass().getDeclaredConstructor().newInstance();

            assertThatThrownBy(() -> invoke(printed, test))
                    .isInstanceOf(AssertionError.class)
                    .extracting(failure -> onOneLine(failure.getMessage()))
                    .asString()
                    .contains(
                            onOneLine(shrunk.difference().expected()),
                            onOneLine(shrunk.difference().actual()));
        }
    }

    private static String onOneLine(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining(" "));
    }

    private static void invoke(Method method, Object test) throws Throwable {
        try {
            method.invoke(test);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    private static Method compiled(Path folder, String source) throws Exception {
        Path file = folder.resolve("Printed.java");
        Files.writeString(file, source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int result = compiler.run(
                null,
                null,
                null,
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                file.toString());
        assertThat(result).as(source).isZero();
        return load(folder);
    }

    /** A class of this package, which needs this one's loader for its neighbours. */
    private static Method load(Path folder) throws IOException, ReflectiveOperationException {
        Path compiled = folder.resolve("io/github/wfpsim/model/Printed.class");
        byte[] bytes = Files.readAllBytes(compiled);
        Class<?> loaded = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
        Method method = loaded.getDeclaredMethod("shrunk");
        method.setAccessible(true);
        return method;
    }

    private static List<String> calls(Comparison comparison) {
        return comparison.steps().stream().map(Step::call).toList();
    }
}
