/**
 * Who has which port: the tables of TCP and UDP endpoints with the processes that own them, by which a user-mode proxy finds
 * its client. Start reading at {@link io.github.wfpsim.iphlp.Iphlpapi}, which a process hands out.
 *
 * <p>Mirrors: IP Helper (SDK), in particular GetExtendedTcpTable function and GetExtendedUdpTable function.
 */
@NullMarked
package io.github.wfpsim.iphlp;

import org.jspecify.annotations.NullMarked;
