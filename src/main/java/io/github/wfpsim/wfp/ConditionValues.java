package io.github.wfpsim.wfp;

import io.github.wfpsim.abi.ConditionField;
import org.jspecify.annotations.Nullable;

/** What filters compare with their conditions: the values of one classification. */
public interface ConditionValues {

    /** What {@link #number} gives where there is no number. */
    long NO_NUMBER = -1;

    /**
     * Reads a value by condition field.
     *
     * @param field the field
     * @return the value, or null if the layer does not have it
     */
    @Nullable
    Object value(ConditionField field);

    /**
     * Reads a value that is a number, without making an object of it.
     *
     * @param field the field
     * @return the number, unsigned; {@link #NO_NUMBER} if the value is none, or the layer does not have it
     */
    default long number(ConditionField field) {
        return value(field) instanceof Integer number ? Integer.toUnsignedLong(number) : NO_NUMBER;
    }
}
