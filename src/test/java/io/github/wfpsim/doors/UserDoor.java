package io.github.wfpsim.doors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.abi.ControlCode;
import io.github.wfpsim.abi.IpProtocol;
import io.github.wfpsim.abi.SocketType;
import io.github.wfpsim.abi.Win32Error;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.winsock.Outcome;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.winsock.Winsock;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** WSAIoctl, and WSPIoctl with every call. */
final class UserDoor implements Door {

    private final AddressFamily family;
    private final Winsock winsock;
    private final List<SocketHandle> open = new ArrayList<>();

    UserDoor(AddressFamily family, SimProcess process) {
        this.family = family;
        this.winsock = process.winsock();
    }

    private final class UserSocket implements Socket {

        private final SocketHandle handle;

        UserSocket(SocketHandle handle) {
            assertThat(handle).isNotEqualTo(SocketHandle.INVALID_SOCKET);
            this.handle = handle;
            open.add(handle);
        }

        @Override
        public Reply query(What what, int size, @Nullable ByteBuffer buffer) {
            return toReply(Outcome.of(winsock, handle, what.code(), null, 0, buffer, size));
        }

        @Override
        public Reply set(byte @Nullable [] record, int size) {
            int set = ControlCode.SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS.code();
            ByteBuffer in = record == null ? null : ByteBuffer.wrap(record);
            return toReply(Outcome.of(winsock, handle, set, in, size, null, 0));
        }

        @Override
        public void bind(InetSocketAddress local) {
            assertThat(winsock.bind(handle, local)).isZero();
        }

        @Override
        public void connect(InetSocketAddress remote) {
            assertThat(winsock.connect(handle, remote)).isZero();
        }
    }

    private static Reply toReply(Outcome outcome) {
        boolean succeeded = outcome.result() == 0;
        Win32Error error = succeeded
                ? Win32Error.NO_ERROR
                : Win32Error.fromCode(outcome.lastError()).orElseThrow();
        return new Reply(error, outcome.count());
    }

    @Override
    public Socket fresh() {
        return new UserSocket(winsock.socket(family, SocketType.SOCK_STREAM, IpProtocol.IPPROTO_TCP));
    }

    @Override
    public Socket datagram() {
        return new UserSocket(winsock.socket(family, SocketType.SOCK_DGRAM, IpProtocol.IPPROTO_UDP));
    }

    @Override
    public Socket listening(int port) {
        UserSocket socket = (UserSocket) fresh();
        socket.bind(new InetSocketAddress(IpAddress.loopback(family), port));
        assertThat(winsock.listen(socket.handle, Winsock.SOMAXCONN)).isZero();
        return socket;
    }

    @Override
    public Socket accept(Socket listener) {
        return new UserSocket(winsock.accept(((UserSocket) listener).handle, null));
    }

    @Override
    public Reply reply(Verdict verdict, long count) {
        boolean counted = verdict == Verdict.DONE || verdict == Verdict.TOO_SMALL;
        return new Reply(verdict.user(), counted ? count : 0);
    }

    @Override
    public AddressFamily family() {
        return family;
    }

    @Override
    public void close() {
        open.forEach(winsock::closesocket);
    }
}
