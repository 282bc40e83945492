/**
 * Control messages of datagrams: their layout in memory, and the types that carry redirect records and contexts. Both
 * doors speak of the same messages.
 *
 * <p>Start reading at {@link io.github.wfpsim.cmsg.WsaCmsgHdr}, which mirrors WSACMSGHDR and the WSA_CMSG macros for code
 * that is ported from C. {@link io.github.wfpsim.cmsg.ControlMessage} and {@link io.github.wfpsim.cmsg.ControlWriter} are
 * the Java way to the same bytes. {@link io.github.wfpsim.cmsg.AncillaryType} names the four types that are simulated;
 * each is a socket option too.
 *
 * <p>Mirrors: WSACMSGHDR structure, WSAMSG structure (SDK); ws2ipdef.h. Always the layout of 64-bit Windows.
 */
@NullMarked
package io.github.wfpsim.cmsg;

import org.jspecify.annotations.NullMarked;
