package io.github.wfpsim.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives numbers that differ between machine and model the same names, in the order in which they are seen: endpoint
 * handles, dynamic ports, records.
 */
final class Names {

    private static final int FIRST_DYNAMIC = 49_152;

    private final Map<String, Map<Object, Integer>> kinds = new HashMap<>();

    /** One endpoint. The model's number and the machine's handle both grow with each new one. */
    record Row(
            Object endpoint,
            Object parent,
            Object lineage,
            Actor owner,
            String protocol,
            String state,
            String localIp,
            int localPort,
            String remoteIp,
            int remotePort,
            String effectiveIp,
            int effectivePort,
            List<String> inherited,
            List<String> chain) {}

    String of(String kind, Object value) {
        Map<Object, Integer> seen = kinds.computeIfAbsent(kind, fresh -> new HashMap<>());
        Integer number = seen.get(value);
        if (number == null) {
            number = seen.size();
            seen.put(value, number);
        }
        return kind + number;
    }

    String address(String ip, int port) {
        if (ip == null) {
            return "-";
        }
        return ip + ":" + (port < FIRST_DYNAMIC ? Integer.toString(port) : of("dynamic", port));
    }

    /** The rows in the order of their endpoints. */
    List<String> table(List<Row> rows, long contexts) {
        List<String> lines = new ArrayList<>();
        for (Row row : rows) {
            lines.add(line(row));
        }
        lines.add("contexts " + contexts);
        return lines;
    }

    private String line(Row row) {
        StringBuilder line = new StringBuilder(of("#", row.endpoint()));
        line.append(' ').append(row.owner()).append(' ').append(row.protocol());
        line.append(' ').append(row.state()).append(' ').append(address(row.localIp(), row.localPort()));
        if (row.remoteIp() != null) {
            line.append(" to ").append(address(row.remoteIp(), row.remotePort()));
            line.append(" in truth ").append(address(row.effectiveIp(), row.effectivePort()));
        }
        if (row.parent() != null) {
            line.append(" from ").append(of("#", row.parent()));
        }
        line.append(" lineage ").append(of("#", row.lineage()));
        if (!row.inherited().isEmpty()) {
            line.append(" inherited ").append(row.inherited());
        }
        if (!row.chain().isEmpty()) {
            line.append(" chain ").append(row.chain());
        }
        return line.toString();
    }
}
