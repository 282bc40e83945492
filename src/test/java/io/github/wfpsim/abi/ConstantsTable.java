package io.github.wfpsim.abi;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The second witness of every number: {@code conformance/constants.csv}, taken from the catalogue's table of constants,
 * not from the code.
 *
 * <p>Column check: H compared by compiler with the MinGW-w64 headers, P public copy of the Windows headers, S sample
 * code, D order of a reference page, U unverified.
 */
final class ConstantsTable {

    private static final String RESOURCE = "/conformance/constants.csv";

    private final Map<String, String> numbers = new LinkedHashMap<>();

    private ConstantsTable(List<String> lines) {
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            if (cells.length != 4 || numbers.put(cells[0], cells[1]) != null) {
                throw new IllegalStateException("bad or repeated row: " + line);
            }
        }
    }

    static ConstantsTable load() {
        try (InputStream in = Objects.requireNonNull(ConstantsTable.class.getResourceAsStream(RESOURCE), RESOURCE);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return new ConstantsTable(reader.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean has(String name) {
        return numbers.containsKey(name);
    }

    List<String> names(String prefix) {
        return numbers.keySet().stream().filter(name -> name.startsWith(prefix)).toList();
    }

    /** The text of a row, for GUIDs. */
    String text(String name) {
        return Objects.requireNonNull(numbers.get(name), () -> "no row for " + name);
    }

    /** The number of a row as a Java int, which is negative from 0x80000000 on. */
    int number(String name) {
        return Long.decode(text(name)).intValue();
    }
}
