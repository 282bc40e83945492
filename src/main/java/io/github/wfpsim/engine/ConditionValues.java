package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ConditionField;
import io.github.wfpsim.wfp.IncomingValues;
import org.jspecify.annotations.Nullable;

/** What filters compare with their conditions: the values of one classification. */
interface ConditionValues {

    /** Reads a value by condition field; null if the layer does not have it. */
    @Nullable
    Object value(ConditionField field);

    /** Reads a number without making an object of it; {@link IncomingValues#NO_NUMBER} if the value is none. */
    default long number(ConditionField field) {
        return value(field) instanceof Integer number ? Integer.toUnsignedLong(number) : IncomingValues.NO_NUMBER;
    }
}
