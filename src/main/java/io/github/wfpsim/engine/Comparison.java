package io.github.wfpsim.engine;

import io.github.wfpsim.abi.MatchType;
import io.github.wfpsim.wfp.FilterCondition;
import io.github.wfpsim.wfp.FilterCondition.Range;
import io.github.wfpsim.wfp.FilterCondition.Subnet;
import io.github.wfpsim.wfp.IncomingValues;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Compares the values of a classification with the conditions of filters; allocates nothing (WFP-21). */
final class Comparison {

    private Comparison() {}

    /** Whether a fixed value meets the condition; a layer value that is absent meets none but NOT_EQUAL. */
    static boolean matches(FilterCondition condition, @Nullable Object actual) {
        if (isNumeric(condition)) {
            return matchesNumber(
                    condition,
                    actual instanceof Long luid
                            ? luid
                            : actual instanceof Integer number
                                    ? Integer.toUnsignedLong(number)
                                    : IncomingValues.NO_NUMBER);
        }
        return switch (condition.matchType()) {
            case FWP_MATCH_NOT_EQUAL -> !isEqual(condition.value(), actual);
            case FWP_MATCH_EQUAL_CASE_INSENSITIVE ->
                actual instanceof String text && text.equalsIgnoreCase((String) condition.value());
            default -> isEqual(condition.value(), actual);
        };
    }

    /** Whether the condition's value is compared with a number. */
    static boolean isNumeric(FilterCondition condition) {
        return condition.value() instanceof Integer
                || condition.value() instanceof Long
                || condition.matchType() == MatchType.FWP_MATCH_RANGE;
    }

    /** Compares a number, or {@link IncomingValues#NO_NUMBER}, which sorts before all and has no bits to look at. */
    static boolean matchesNumber(FilterCondition condition, long actual) {
        return switch (condition.matchType()) {
            case FWP_MATCH_EQUAL, FWP_MATCH_EQUAL_CASE_INSENSITIVE -> actual == number(condition);
            case FWP_MATCH_NOT_EQUAL -> actual != number(condition);
            case FWP_MATCH_RANGE -> contains((Range) condition.value(), actual);
            case FWP_MATCH_GREATER -> actual > number(condition);
            case FWP_MATCH_GREATER_OR_EQUAL -> actual >= number(condition);
            case FWP_MATCH_LESS -> isPresent(actual) && actual < number(condition);
            case FWP_MATCH_LESS_OR_EQUAL -> isPresent(actual) && actual <= number(condition);
            case FWP_MATCH_FLAGS_ALL_SET -> isPresent(actual) && (actual & number(condition)) == number(condition);
            case FWP_MATCH_FLAGS_ANY_SET -> isPresent(actual) && (actual & number(condition)) != 0;
            case FWP_MATCH_FLAGS_NONE_SET -> isPresent(actual) && (actual & number(condition)) == 0;
        };
    }

    private static boolean isPresent(long actual) {
        return actual != IncomingValues.NO_NUMBER;
    }

    private static long number(FilterCondition condition) {
        return condition.value() instanceof Long luid ? luid : Integer.toUnsignedLong((Integer) condition.value());
    }

    private static boolean isEqual(Object value, @Nullable Object actual) {
        return value instanceof Subnet subnet
                ? actual instanceof InetAddress address && contains(subnet, address)
                : value.equals(actual);
    }

    private static boolean contains(Range range, long number) {
        return number >= Integer.toUnsignedLong(range.low()) && number <= Integer.toUnsignedLong(range.high());
    }

    static boolean contains(Subnet subnet, InetAddress other) {
        return other.getClass() == subnet.address().getClass()
                && AddressPrefix.agree(other, subnet.address(), subnet.prefixLength());
    }
}
