package io.github.wfpsim.fwpm;

import io.github.wfpsim.abi.ConditionField;
import org.jspecify.annotations.Nullable;

/** What filters compare with their conditions: the values of one classification. */
public interface ConditionValues {

    /**
     * Reads a value by condition field.
     *
     * @param field the field
     * @return the value, or null if the layer does not have it
     */
    @Nullable
    Object value(ConditionField field);
}
