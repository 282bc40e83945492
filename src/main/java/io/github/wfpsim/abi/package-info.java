/**
 * The numbers that Windows and its programs agree on: status and error codes, control codes, layers, fields, flags.
 *
 * <p>Start reading at {@link io.github.wfpsim.abi.NtStatus}, then {@link io.github.wfpsim.abi.Layer}. Every constant
 * bears its Windows name and carries its number; {@code fromCode} looks a number up and never throws. Everything here
 * is immutable and safe for any thread, except {@link io.github.wfpsim.abi.Out} and
 * {@link io.github.wfpsim.abi.OutUlong}, the result cells of the mirrored calls, which belong to one caller.
 *
 * <p>Mirrors the headers ntstatus.h, winerror.h, winsock2.h, mstcpip.h, wsk.h, fwptypes.h, fwpmu.h and fwpsk.h.
 */
@NullMarked
package io.github.wfpsim.abi;

import org.jspecify.annotations.NullMarked;
