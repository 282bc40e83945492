/**
 * The Windows Filtering Platform as its users see it: filters and their management, callouts and what they are asked.
 *
 * <p>The names keep Windows' own split: {@link io.github.wfpsim.wfp.Fwpm} is what management code calls, {@link
 * io.github.wfpsim.wfp.Fwps} is what a callout driver calls, and {@link io.github.wfpsim.wfp.RedirectCallout} is a
 * ready-made callout that takes the textbook steps through {@code Fwps} and nothing else: start reading there.
 *
 * <p>A classifyFn can be called in a unit test: all that it is given is an interface, a record or a {@link
 * io.github.wfpsim.wfp.ClassifyOut}, and so is all that it calls.
 *
 * <p>Mirrors: Windows Filtering Platform API (Win32), the functions and structures called FWPM; Windows Filtering Platform
 * Callout Drivers (WDK), Using Bind or Connect Redirection, Filter Arbitration.
 */
@NullMarked
package io.github.wfpsim.wfp;

import org.jspecify.annotations.NullMarked;
