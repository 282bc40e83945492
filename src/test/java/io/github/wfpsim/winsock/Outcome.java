package io.github.wfpsim.winsock;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a caller of WSAIoctl sees: result, last error, count. Last error and count start as sentinels, so that a value
 * which the call left alone shows. Every call is made through WSPIoctl as well, which has to agree (WSA-01).
 */
public record Outcome(int result, int lastError, int count) {

    static final int UNTOUCHED_ERROR = 777;
    static final int UNTOUCHED_COUNT = 0x5A5A5A5A;

    static Outcome success(int count) {
        return new Outcome(0, UNTOUCHED_ERROR, count);
    }

    static Outcome failure(Win32Error error) {
        return failure(error, 0);
    }

    static Outcome failure(Win32Error error, int count) {
        return new Outcome(Winsock.SOCKET_ERROR, error.code(), count);
    }

    public static Outcome of(
            Winsock winsock,
            SocketHandle socket,
            int code,
            @Nullable ByteBuffer in,
            int cbIn,
            @Nullable ByteBuffer out,
            int cbOut) {
        Outcome byProvider = byProvider(winsock, socket, code, in, cbIn, out == null ? null : copy(out), cbOut);
        OutUlong count = new OutUlong();
        count.set(UNTOUCHED_COUNT);
        winsock.wsaSetLastError(UNTOUCHED_ERROR);
        int result = winsock.wsaIoctl(socket, code, in, cbIn, out, cbOut, count);
        Outcome outcome = new Outcome(result, winsock.wsaGetLastError(), count.value());
        assertThat(byProvider).as("WSPIoctl").isEqualTo(outcome);
        return outcome;
    }

    private static Outcome byProvider(
            Winsock winsock,
            SocketHandle socket,
            int code,
            @Nullable ByteBuffer in,
            int cbIn,
            @Nullable ByteBuffer out,
            int cbOut) {
        OutUlong count = new OutUlong();
        count.set(UNTOUCHED_COUNT);
        OutUlong errno = new OutUlong();
        errno.set(UNTOUCHED_ERROR);
        int lastError = winsock.wsaGetLastError();
        int result = winsock.wspIoctl(socket, code, in, cbIn, out, cbOut, count, errno);
        assertThat(winsock.wsaGetLastError()).as("last error after WSPIoctl").isEqualTo(lastError);
        return new Outcome(result, errno.value(), count.value());
    }

    /** A buffer like the given one, so that what the first door writes does not hide what the second fails to write. */
    private static ByteBuffer copy(ByteBuffer out) {
        ByteBuffer fresh = ByteBuffer.allocate(out.capacity());
        fresh.position(out.position()).limit(out.limit());
        return out.isReadOnly() ? fresh.asReadOnlyBuffer() : fresh;
    }

    static Outcome ofQuery(Winsock winsock, SocketHandle socket, int code, @Nullable ByteBuffer out, int cbOut) {
        return of(winsock, socket, code, null, 0, out, cbOut);
    }

    static Outcome ofQuery(Winsock winsock, SocketHandle socket, int code) {
        return ofQuery(winsock, socket, code, ByteBuffer.allocate(8192), 8192);
    }

    static Outcome ofSet(Winsock winsock, SocketHandle socket, byte[] record) {
        int set = RedirectLab.SET;
        return of(winsock, socket, set, ByteBuffer.wrap(record), record.length, null, 0);
    }
}
