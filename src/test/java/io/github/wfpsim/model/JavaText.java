package io.github.wfpsim.model;

import io.github.wfpsim.model.Comparison.Difference;
import io.github.wfpsim.model.Comparison.Made;
import io.github.wfpsim.model.Comparison.Where;

/** Prints a sequence as a test method for a class of this package, which needs JUnit's Test and AssertJ's assertThat. */
final class JavaText {

    private JavaText() {}

    static String of(Comparison failing, String methodName) {
        StringBuilder text = new StringBuilder("@Test\nvoid " + methodName + "() {\n");
        text.append("    try (World world = World.open()) {\n");
        for (Made made : failing.made()) {
            text.append("        assertThat(world.").append(made.step()).append(").isEqualTo(");
            text.append(literal(made.expected())).append(");\n");
            // Names are given in the order in which things are seen.
            text.append("        world.table();\n");
        }
        Difference difference = failing.difference();
        if (difference != null && difference.where() == Where.TABLE) {
            text.append("        assertThat(String.join(\"\\n\", world.table())).isEqualTo(");
            text.append(literal(difference.expected())).append(");\n");
        }
        if (difference == null || difference.where() == Where.TEAR_DOWN) {
            text.append("        assertThat(world.tearDown()).isEmpty();\n");
        }
        return text.append("    }\n}\n").toString();
    }

    /** The method in a class of its own. */
    static String classOf(Comparison failing, String className, String methodName) {
        return "package " + JavaText.class.getPackageName() + ";\n\n"
                + "import static org.assertj.core.api.Assertions.assertThat;\n\n"
                + "import org.junit.jupiter.api.Test;\n\n"
                + "class " + className + " {\n\n"
                + of(failing, methodName).indent(4) + "}\n";
    }

    private static String literal(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
