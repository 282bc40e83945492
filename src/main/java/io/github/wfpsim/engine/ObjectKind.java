package io.github.wfpsim.engine;

import io.github.wfpsim.abi.ChangeType;
import io.github.wfpsim.abi.Win32Error;
import java.util.Collection;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One kind of objects of management, and how it is shown.
 *
 * @param name in the plural, for reports
 * @param type what the store keeps
 * @param all where
 * @param shown what management code gets
 * @param changeOf what subscribers get
 * @param notFound the status for an object that is not there
 * @param <T> what the store keeps
 * @param <P> what management code gets
 * @param <C> what subscribers get
 */
record ObjectKind<T, P, C>(
        String name,
        Class<T> type,
        Function<PolicyView, Collection<T>> all,
        Function<T, P> shown,
        BiFunction<ChangeType, T, C> changeOf,
        Win32Error notFound) {}
