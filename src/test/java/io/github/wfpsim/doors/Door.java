package io.github.wfpsim.doors;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.SimOptions.CompletionMode;
import io.github.wfpsim.winsock.RedirectLab;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A way into the three redirect ioctls for a process that takes connections, asks about them and connects on. */
interface Door extends AutoCloseable {

    /** What a query is about. */
    enum What {
        RECORDS(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS),
        CONTEXT(ControlCode.SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT);

        private final ControlCode code;

        What(ControlCode code) {
            this.code = code;
        }

        int code() {
            return code.code();
        }
    }

    /** The doors, the kernel's once for each way to complete. */
    enum Kind {
        WSAIOCTL(CompletionMode.PENDING),
        WSK_CONTROL_SOCKET(CompletionMode.PENDING),
        WSK_CONTROL_SOCKET_INLINE(CompletionMode.INLINE),
        WSK_CONTROL_SOCKET_EITHER(CompletionMode.SEEDED_RANDOM);

        private final CompletionMode mode;

        Kind(CompletionMode mode) {
            this.mode = mode;
        }

        SimOptions options() {
            return SimOptions.defaults().completionMode(mode);
        }

        /** Opens the door for sockets of a process. */
        Door open(RedirectLab lab, SimProcess process) {
            return this == WSAIOCTL ? new UserDoor(lab.family, process) : new KernelDoor(lab, process);
        }
    }

    /** What a call says: a code of the door's own kind, and how many bytes were copied, or are needed. */
    record Reply(Object code, long count) {}

    /** A socket of the door. */
    interface Socket {

        /** Asks with a buffer of which a size is declared; {@code buffer} may be null. */
        Reply query(What what, int size, @Nullable ByteBuffer buffer);

        /** Sets a record, or whatever else the bytes are; null for no buffer. */
        Reply set(byte @Nullable [] record, int size);

        void bind(InetSocketAddress local);

        void connect(InetSocketAddress remote);
    }

    /** A new TCP socket. */
    Socket fresh();

    /** A new UDP socket. */
    Socket datagram();

    /** A TCP socket that takes connections at a port of the loopback address. */
    Socket listening(int port);

    /** The next connection of a listening socket. */
    Socket accept(Socket listener);

    /** What this door is to say. */
    Reply reply(Verdict verdict, long count);

    /** Closes every socket that is left, and gives back what the door used. */
    @Override
    void close();

    /** The family is that of all its sockets. */
    AddressFamily family();
}
