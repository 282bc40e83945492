package io.github.wfpsim.wfp;

/**
 * An enumeration that was begun, the handle that FwpmFilterCreateEnumHandle0 and its kin give. It holds the objects as they were
 * then, and ends with its session. Opaque.
 *
 * <p>Safe for use by many threads; each object goes to one of them.
 *
 * <p>Source: FwpmFilterCreateEnumHandle0. Requirements: WFP-131, WFP-132.
 *
 * @param <T> what is enumerated
 */
public interface FwpmEnumHandle<T> {}
