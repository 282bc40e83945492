package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.host.Token;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FilterCondition.Range;
import io.github.wfpsim.wfp.FilterCondition.Subnet;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What conditions on one field have in common (WFP-135). Each of them changes its answer at a few values only; at those, and
 * beside them, it is asked by {@link Comparison}, as a classification would.
 */
final class ConditionOverlap {

    private static final int PORT_MAX = 0xFFFF;
    private static final int PROTOCOL_MAX = 0xFF;
    private static final long NUMBER_MAX = 0xFFFFFFFFL;

    private ConditionOverlap() {}

    /** Whether some value meets the condition and one of the alternatives. */
    static boolean overlap(FilterCondition asked, List<FilterCondition> alternatives) {
        return witnesses(asked, alternatives).stream()
                .anyMatch(value -> Comparison.matches(asked, value) && anyMatches(alternatives, value));
    }

    /** Whether every value that meets the condition meets one of the alternatives. */
    static boolean contains(List<FilterCondition> alternatives, FilterCondition asked) {
        return witnesses(asked, alternatives).stream()
                .noneMatch(value -> Comparison.matches(asked, value) && !anyMatches(alternatives, value));
    }

    private static boolean anyMatches(List<FilterCondition> alternatives, Object value) {
        return alternatives.stream().anyMatch(one -> Comparison.matches(one, value));
    }

    private static Set<Object> witnesses(FilterCondition asked, List<FilterCondition> alternatives) {
        List<FilterCondition> all = new ArrayList<>(alternatives);
        all.add(asked);
        Set<Object> witnesses = new LinkedHashSet<>();
        switch (ConditionType.of(asked.field())) {
            case NUMBER, LUID -> addNumbers(all, witnesses);
            case ADDRESS -> all.forEach(condition -> addAddresses(condition, witnesses));
            case USER -> Collections.addAll(witnesses, (Object[]) Token.values());
            case APPLICATION, TEXT -> {
                all.forEach(condition -> addTexts(condition.value(), witnesses));
                witnesses.add(new Object()); // something else than all of them
            }
        }
        return witnesses;
    }

    private static void addTexts(Object value, Set<Object> witnesses) {
        witnesses.add(value);
        if (value instanceof String text) {
            witnesses.add(text.toLowerCase(Locale.ROOT));
            witnesses.add(text.toUpperCase(Locale.ROOT));
        }
    }

    // ---- numbers

    private static void addNumbers(List<FilterCondition> all, Set<Object> witnesses) {
        Set<Long> numbers = new LinkedHashSet<>();
        all.forEach(condition -> addLimits(condition.value(), numbers));
        long max = largest(all.get(0).field());
        Set<Long> candidates = new LinkedHashSet<>(List.of(0L, max));
        for (long number : numbers) {
            Collections.addAll(candidates, number - 1, number, number + 1);
            numbers.forEach(other -> addBits(number, other, candidates));
        }
        candidates.stream().filter(number -> number >= 0 && number <= max).forEach(witnesses::add);
    }

    private static void addLimits(Object value, Set<Long> numbers) {
        if (value instanceof Range range) {
            numbers.add(Integer.toUnsignedLong(range.low()));
            numbers.add(Integer.toUnsignedLong(range.high()));
        } else if (value instanceof Integer number) {
            numbers.add(Integer.toUnsignedLong(number));
        } else if (value instanceof Long luid) {
            numbers.add(luid);
        }
    }

    /** Of two masks of flags: of the bits that both have, and that one of them has, none, one and all. */
    private static void addBits(long one, long other, Set<Long> candidates) {
        for (long both : noneOneAll(one & other)) {
            for (long first : noneOneAll(one & ~other)) {
                for (long second : noneOneAll(other & ~one)) {
                    candidates.add(both | first | second);
                }
            }
        }
    }

    private static long[] noneOneAll(long bits) {
        return new long[] {0, Long.lowestOneBit(bits), bits};
    }

    private static long largest(ConditionField field) {
        return switch (field) {
            case FWPM_CONDITION_IP_LOCAL_PORT, FWPM_CONDITION_IP_REMOTE_PORT -> PORT_MAX;
            case FWPM_CONDITION_IP_PROTOCOL -> PROTOCOL_MAX;
            case FWPM_CONDITION_IP_LOCAL_INTERFACE, FWPM_CONDITION_IP_NEXTHOP_INTERFACE -> Long.MAX_VALUE;
            default -> NUMBER_MAX;
        };
    }

    // ---- addresses

    /** The first and the last address of a subnet, and those that differ from the first in one bit of the prefix. */
    private static void addAddresses(FilterCondition condition, Set<Object> witnesses) {
        byte[] first;
        int prefix;
        if (condition.value() instanceof Subnet subnet) {
            first = subnet.address().getAddress();
            prefix = subnet.prefixLength();
        } else {
            first = ((InetAddress) condition.value()).getAddress();
            prefix = first.length * Byte.SIZE;
        }
        byte[] last = first.clone();
        for (int bit = prefix; bit < first.length * Byte.SIZE; bit++) {
            set(first, bit, false);
            set(last, bit, true);
        }
        witnesses.add(address(first));
        witnesses.add(address(last));
        for (int bit = 0; bit < prefix; bit++) {
            byte[] beside = first.clone();
            set(beside, bit, (first[bit / Byte.SIZE] & mask(bit)) == 0);
            witnesses.add(address(beside));
        }
    }

    private static int mask(int bit) {
        return 0x80 >> (bit % Byte.SIZE);
    }

    private static void set(byte[] address, int bit, boolean on) {
        int at = bit / Byte.SIZE;
        address[at] = (byte) (on ? address[at] | mask(bit) : address[at] & ~mask(bit));
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
