package io.github.wfpsim.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import io.github.wfpsim.net.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Addresses are told as users of Windows write them, 203.0.113.10:80, and never as Java does, /203.0.113.10:80. That is a
 * question of types, so the compiler is asked.
 */
@Timeout(120)
class AddressesInMessagesTest {

    private static final Path MAIN = Path.of("src", "main", "java");

    /** Calls that make text of what they are given. */
    private static final Set<String> WRITERS = Set.of("format", "formatted", "valueOf", "append", "join");

    /** Calls that make text of what they are called on. */
    private static final Set<String> TEXTS = Set.of("toString", "getHostAddress", "getHostName");

    @Test
    void messages_writeAddresses_byTheOneFormatter() throws IOException {
        assertThat(places(sources()))
                .as("text made of an address without IpAddress")
                .isEmpty();
    }

    @Test
    void addressInAMessage_isFound(@TempDir Path folder) throws IOException {
        Path sample = folder.resolve("Sample.java");
        Files.writeString(sample, """
                class Sample {
                    String joined(java.net.InetSocketAddress a) { return "at " + a; }
                    String formatted(java.net.InetSocketAddress a) { return String.format("at %s", a); }
                    String called(java.net.InetSocketAddress a) { return a.getAddress().toString(); }
                    String harmless(java.net.InetSocketAddress a) { return "at port " + a.getPort(); }
                }
                """);

        assertThat(places(List.of(sample))).hasSize(3);
    }

    /** Where sources write addresses themselves. */
    private static List<String> places(List<Path> sources) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            var units = files.getJavaFileObjectsFromPaths(sources);
            List<String> options = List.of("-proc:none", "-cp", System.getProperty("java.class.path"));
            JavacTask task = (JavacTask) compiler.getTask(null, files, unused -> {}, options, null, units);
            List<CompilationUnitTree> parsed = new ArrayList<>();
            task.parse().forEach(parsed::add);
            task.analyze();
            List<String> found = new ArrayList<>();
            parsed.forEach(unit -> new Finder(task, unit, found).scan(unit, null));
            return found;
        }
    }

    private static List<Path> sources() throws IOException {
        Path formatter = Path.of(IpAddress.class.getName().replace('.', '/') + ".java");
        try (Stream<Path> all = Files.walk(MAIN)) {
            return all.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !path.endsWith("module-info.java"))
                    .filter(path -> !path.endsWith(formatter))
                    .toList();
        }
    }

    private static final class Finder extends TreePathScanner<Void, Void> {

        private final JavacTask task;
        private final CompilationUnitTree unit;
        private final Trees trees;
        private final List<TypeMirror> addresses;
        private final List<String> found;

        Finder(JavacTask task, CompilationUnitTree unit, List<String> found) {
            this.task = task;
            this.unit = unit;
            this.trees = Trees.instance(task);
            this.found = found;
            this.addresses = Stream.of(InetAddress.class, SocketAddress.class)
                    .map(type ->
                            task.getElements().getTypeElement(type.getName()).asType())
                    .toList();
        }

        @Override
        public Void visitBinary(BinaryTree tree, Void unused) {
            if (tree.getKind() == Tree.Kind.PLUS
                    && (isAddress(tree.getLeftOperand()) || isAddress(tree.getRightOperand()))) {
                found(tree);
            }
            return super.visitBinary(tree, null);
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree tree, Void unused) {
            if (tree.getMethodSelect() instanceof MemberSelectTree called) {
                String name = called.getIdentifier().toString();
                boolean writes =
                        WRITERS.contains(name) && tree.getArguments().stream().anyMatch(this::isAddress);
                if (writes || (TEXTS.contains(name) && isAddress(called.getExpression()))) {
                    found(tree);
                }
            }
            return super.visitMethodInvocation(tree, null);
        }

        private boolean isAddress(ExpressionTree tree) {
            TypeMirror type = trees.getTypeMirror(new TreePath(getCurrentPath(), tree));
            return type != null
                    && type.getKind() == TypeKind.DECLARED
                    && addresses.stream().anyMatch(address -> task.getTypes().isSubtype(type, address));
        }

        private void found(Tree tree) {
            long start = trees.getSourcePositions().getStartPosition(unit, tree);
            found.add(unit.getSourceFile().getName() + ":" + unit.getLineMap().getLineNumber(start) + " " + tree);
        }
    }
}
