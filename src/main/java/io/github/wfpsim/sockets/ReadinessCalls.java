package io.github.wfpsim.sockets;

import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.host.WindowsVersion;
import io.github.wfpsim.stack.HostSocket;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.stack.Readiness;
import io.github.wfpsim.winsock.FdSet;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import io.github.wfpsim.winsock.WsaPollFd;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * WSAPoll and select: looks at sockets, and waits until a look finds something.
 *
 * <p>Source: WSAPoll function, WSAPOLLFD structure, select function (SDK). Requirements: NBIO-03 to NBIO-13.
 */
final class ReadinessCalls {

    /** What may be asked for. */
    private static final int ASKABLE = WsaPollFd.POLLIN | WsaPollFd.POLLWRNORM;

    /** What comes unasked. */
    private static final int UNASKED = WsaPollFd.POLLERR | WsaPollFd.POLLHUP | WsaPollFd.POLLNVAL;

    private static final Duration LONGEST = Duration.ofSeconds(Integer.MAX_VALUE);

    private final HostStack stack;
    private final Caller caller;
    private final SocketTable sockets;
    private final WsaIoctl ioctl;
    private final OverlappedProcess process;
    private final boolean tellsFailedConnects;

    ReadinessCalls(HostStack stack, Caller caller, SocketTable sockets, WsaIoctl ioctl, OverlappedProcess process) {
        this.stack = stack;
        this.caller = caller;
        this.sockets = sockets;
        this.ioctl = ioctl;
        this.process = process;
        // WSAPoll has done so since Windows 10 version 2004.
        this.tellsFailedConnects = stack.options().windowsVersion().isAtLeast(WindowsVersion.WINDOWS_11);
    }

    // ---- WSAPoll

    int poll(@Nullable List<WsaPollFd> fds, int timeout) {
        Win32Error offline = caller.refusalOffline();
        if (offline != Win32Error.NO_ERROR) {
            return caller.fail(offline);
        }
        if (fds == null || !fds.stream().allMatch(ReadinessCalls::isAskable)) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        List<WsaPollFd> asked = List.copyOf(fds);
        Map<SocketHandle, SocketEntry> entries = new HashMap<>();
        for (WsaPollFd fd : asked) {
            SocketEntry entry = sockets.find(fd.fd());
            if (entry != null) {
                entries.put(fd.fd(), entry);
            }
        }
        if (entries.isEmpty()) {
            return caller.fail(Win32Error.WSAEINVAL);
        }
        Deadline deadline = timeout < 0 ? Deadline.NEVER : stack.clock().deadlineAfter(Duration.ofMillis(timeout));
        return await(entries.values(), () -> look(asked, entries), () -> armAll(asked, entries), deadline);
    }

    private static boolean isAskable(WsaPollFd fd) {
        Objects.requireNonNull(fd, "fdArray must not hold null: leave out what is not to be looked at");
        return isPassedOver(fd) || (fd.events() & ~ASKABLE) == 0;
    }

    private static boolean isPassedOver(WsaPollFd fd) {
        return fd.fd().value() < 0;
    }

    private int look(List<WsaPollFd> asked, Map<SocketHandle, SocketEntry> entries) {
        int ready = 0;
        for (WsaPollFd fd : asked) {
            SocketEntry entry = entries.get(fd.fd());
            int seen = entry == null ? 0 : flags(entry.kernel().readiness());
            // Asked afterwards: what was seen of a socket that was just closed does not count.
            int found = entry == null || entry.isClosed() ? WsaPollFd.POLLNVAL : seen;
            fd.setRevents(isPassedOver(fd) ? 0 : found & (fd.events() | UNASKED));
            ready += fd.revents() == 0 ? 0 : 1;
        }
        return ready;
    }

    private int flags(Readiness now) {
        int gone = WsaPollFd.POLLHUP | WsaPollFd.POLLERR;
        return (now.hasInput() ? WsaPollFd.POLLRDNORM : 0)
                | (now.isWritable() ? WsaPollFd.POLLWRNORM : 0)
                | (now.isEnded() ? WsaPollFd.POLLHUP : 0)
                | (now.isAborted() ? gone : 0)
                | (now.hasConnectFailed() && tellsFailedConnects ? gone | WsaPollFd.POLLWRNORM : 0);
    }

    private static void armAll(List<WsaPollFd> asked, Map<SocketHandle, SocketEntry> entries) {
        for (WsaPollFd fd : asked) {
            SocketEntry entry = entries.get(fd.fd());
            if (entry != null) {
                arm(entry, (fd.events() & WsaPollFd.POLLRDNORM) != 0, (fd.events() & WsaPollFd.POLLWRNORM) != 0);
                entry.kernel().watch().armEnd();
            }
        }
    }

    // ---- select

    /** The three sets of one select, an absent one empty, and what the last look found. */
    private static final class Sets {

        private final FdSet read;
        private final FdSet write;
        private final FdSet except;
        private final Map<SocketHandle, SocketEntry> entries = new HashMap<>();
        private List<SocketHandle> readable = List.of();
        private List<SocketHandle> writable = List.of();
        private List<SocketHandle> failed = List.of();

        Sets(@Nullable FdSet read, @Nullable FdSet write, @Nullable FdSet except) {
            this.read = read == null ? new FdSet() : read;
            this.write = write == null ? new FdSet() : write;
            this.except = except == null ? new FdSet() : except;
        }

        List<SocketHandle> all() {
            return Stream.of(read, write, except)
                    .flatMap(set -> set.fdArray().stream())
                    .toList();
        }

        int look() {
            readable = those(read, Readiness::isReadable);
            writable = those(write, Readiness::isWritable);
            failed = those(except, Readiness::hasConnectFailed);
            return readable.size() + writable.size() + failed.size();
        }

        private List<SocketHandle> those(FdSet set, Predicate<Readiness> property) {
            return set.fdArray().stream()
                    .filter(handle -> property.test(entry(handle).kernel().readiness()))
                    .toList();
        }

        private SocketEntry entry(SocketHandle handle) {
            return Objects.requireNonNull(entries.get(handle), "looked up before");
        }

        void arm() {
            read.fdArray().forEach(handle -> ReadinessCalls.arm(entry(handle), true, false));
            write.fdArray().forEach(handle -> ReadinessCalls.arm(entry(handle), false, true));
        }

        void store() {
            keep(read, readable);
            keep(write, writable);
            keep(except, failed);
        }

        private static void keep(FdSet set, List<SocketHandle> ready) {
            set.fdArray().stream().filter(fd -> !ready.contains(fd)).forEach(set::fdClr);
        }
    }

    int select(@Nullable FdSet read, @Nullable FdSet write, @Nullable FdSet except, @Nullable Duration timeout) {
        Sets sets = new Sets(read, write, except);
        Win32Error refusal = refusalOfSelect(sets, timeout);
        if (refusal != Win32Error.NO_ERROR) {
            return caller.fail(refusal);
        }
        Deadline deadline = timeout == null ? Deadline.NEVER : stack.clock().deadlineAfter(timeout);
        int found = await(sets.entries.values(), () -> look(sets), sets::arm, deadline);
        if (found != Winsock.SOCKET_ERROR) {
            sets.store();
        }
        return found;
    }

    private Win32Error refusalOfSelect(Sets sets, @Nullable Duration timeout) {
        Win32Error offline = caller.refusalOffline();
        if (offline != Win32Error.NO_ERROR) {
            return offline;
        }
        if (ioctl.refusalInRoutine() != Win32Error.NO_ERROR) {
            return Win32Error.WSAEINPROGRESS;
        }
        boolean badTime = timeout != null && (timeout.isNegative() || timeout.compareTo(LONGEST) > 0);
        List<SocketHandle> all = sets.all();
        if (badTime || all.isEmpty()) {
            return Win32Error.WSAEINVAL;
        }
        for (SocketHandle handle : all) {
            SocketEntry entry = sockets.find(handle);
            if (entry == null) {
                return Win32Error.WSAENOTSOCK;
            }
            sets.entries.put(handle, entry);
        }
        return Win32Error.NO_ERROR;
    }

    private int look(Sets sets) {
        int ready = sets.look();
        // Asked afterwards: what was seen of a socket that was just closed does not count.
        boolean anyClosed = sets.entries.values().stream().anyMatch(SocketEntry::isClosed);
        return anyClosed ? caller.fail(Win32Error.WSAENOTSOCK) : ready;
    }

    // ---- waiting

    private static void arm(SocketEntry entry, boolean reading, boolean writing) {
        HostSocket kernel = entry.kernel();
        if (reading) {
            kernel.watch().armRead();
        }
        if (writing) {
            kernel.watch().armWrite();
        }
    }

    /** Looks until a look finds something or fails, which is the answer; 0 after the deadline. */
    private int await(Collection<SocketEntry> entries, IntSupplier look, Runnable arm, Deadline deadline) {
        int now = look.getAsInt();
        if (now != 0 || deadline.isExpired()) {
            return now;
        }
        ManualResetEvent change = new ManualResetEvent();
        Runnable wake = change::set;
        Set<HostSocket> joined = new HashSet<>();
        try {
            while (true) {
                change.reset();
                join(entries, joined, wake);
                now = look.getAsInt();
                if (now != 0 || deadline.isExpired()) {
                    return now;
                }
                arm.run();
                if (process.awaitChange(change, deadline) == OverlappedProcess.Wake.INTERRUPTED) {
                    return caller.fail(Win32Error.WSAEINTR);
                }
            }
        } finally {
            joined.forEach(kernel -> kernel.watch().leave(wake));
        }
    }

    /** Again before each look: AcceptEx gives a socket another kernel's half. */
    private static void join(Collection<SocketEntry> entries, Set<HostSocket> joined, Runnable wake) {
        for (SocketEntry entry : entries) {
            HostSocket kernel = entry.kernel();
            if (joined.add(kernel)) {
                kernel.watch().join(wake);
            }
        }
    }
}
