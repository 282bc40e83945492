package io.github.wfpsim.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The first test that a user reads fits into eight statements and five types of the library. */
class FirstTestSizeTest {

    private static final Path FIRST_TEST = Path.of("src/test/java/io/github/wfpsim/product/FirstTest.java");
    private static final int MOST_STATEMENTS = 8;
    private static final int MOST_TYPES = 5;

    @Test
    void firstTest_isSmall() throws IOException {
        Body body = bodyOfTheTest();

        assertThat(body.statements)
                .as("statements, each resource of a try is one")
                .isBetween(1, MOST_STATEMENTS);
        assertThat(body.types).as("types of the library").hasSizeBetween(1, MOST_TYPES);
        assertThat(body.types).contains("io.github.wfpsim.WfpSim", "io.github.wfpsim.winsock.SimSocket");
    }

    private static Body bodyOfTheTest() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("-proc:none", "-cp", System.getProperty("java.class.path"));
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, options, null, files.getJavaFileObjects(FIRST_TEST));
            CompilationUnitTree unit = task.parse().iterator().next();
            task.analyze();
            Body body = new Body(Trees.instance(task));
            body.scan(unit, null);
            return body;
        }
    }

    /** Counts in the one method that is a test. */
    private static final class Body extends TreePathScanner<@Nullable Void, @Nullable Void> {

        private final Trees trees;
        private final Set<String> types = new TreeSet<>();
        private int statements;
        private boolean inside;

        Body(Trees trees) {
            this.trees = trees;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void none) {
            if (method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation -> annotation.toString().startsWith("@Test"))) {
                inside = true;
                scan(method.getBody(), null);
                inside = false;
            }
            return null;
        }

        @Override
        public @Nullable Void visitLambdaExpression(LambdaExpressionTree lambda, @Nullable Void none) {
            return scan(lambda.getBody(), null); // its parameters are no statements
        }

        @Override
        public @Nullable Void scan(@Nullable Tree tree, @Nullable Void none) {
            if (inside && tree instanceof StatementTree && !(tree instanceof BlockTree)) {
                statements++;
            }
            super.scan(tree, null);
            if (inside && tree instanceof ExpressionTree) {
                TypeMirror type = trees.getTypeMirror(new com.sun.source.util.TreePath(getCurrentPath(), tree));
                add(type);
            }
            return null;
        }

        private void add(@Nullable TypeMirror type) {
            if (type instanceof ArrayType array) {
                add(array.getComponentType());
            } else if (type instanceof DeclaredType declared) {
                String name = declared.asElement().toString();
                if (name.startsWith("io.github.wfpsim.") && !name.endsWith(".FirstTest")) {
                    types.add(name);
                }
            }
        }
    }
}
