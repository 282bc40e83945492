package io.github.wfpsim.wfp;

/**
 * A filter's weight inside its sub-layer, in the three forms of FWPM_FILTER0. Immutable.
 *
 * <p>Source: FWPM_FILTER0; Filter Weight Assignment. Requirement: WFP-23.
 */
public final class FilterWeight {

    /** Highest weight range that filter creation admits. */
    public static final int HIGHEST_RANGE = 15;

    private enum Form {
        EXPLICIT,
        RANGE,
        AUTOMATIC
    }

    private final Form form;
    private final long value;

    private FilterWeight(Form form, long value) {
        this.form = form;
        this.value = value;
    }

    /**
     * A 64-bit value, used as it is.
     *
     * @param value unsigned weight
     * @return the weight
     */
    public static FilterWeight explicit(long value) {
        return new FilterWeight(Form.EXPLICIT, value);
    }

    /**
     * A range; inside it the engine weighs by the number of fields that have conditions. Ranges above 15 are refused when the filter is
     * added, as on Windows.
     *
     * @param range 0 to 15
     * @return the weight
     */
    public static FilterWeight range(int range) {
        return new FilterWeight(Form.RANGE, range);
    }

    /**
     * Leaves the weight to the engine: the more fields have conditions, the heavier. Several conditions on one field are
     * alternatives and make a filter vaguer, so they count once.
     *
     * @return the weight
     */
    public static FilterWeight automatic() {
        return new FilterWeight(Form.AUTOMATIC, 0);
    }

    /** {@return whether filter creation admits the weight: a range is 0 to {@link #HIGHEST_RANGE}} */
    public boolean isValid() {
        return form != Form.RANGE || (value >= 0 && value <= HIGHEST_RANGE);
    }

    /**
     * Tells the weight that filters are ordered by; a range takes its top four bits.
     *
     * @param fields how many fields the filter has conditions on
     * @return 64 bits, unsigned
     */
    public long effective(int fields) {
        return form == Form.EXPLICIT ? value : (value << 60) + fields;
    }

    @Override
    public String toString() {
        return switch (form) {
            case EXPLICIT -> "weight " + Long.toUnsignedString(value);
            case RANGE -> "weight range " + value;
            case AUTOMATIC -> "automatic weight";
        };
    }
}
