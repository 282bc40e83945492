package io.github.wfpsim.winsock;

import io.github.wfpsim.abi.OutUlong;
import io.github.wfpsim.abi.Win32Error;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a caller of WSAIoctl sees: result, last error, count. Last error and count start as sentinels, so that a value
 * which the call left alone shows.
 */
record Outcome(int result, int lastError, int count) {

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

    static Outcome of(
            Winsock winsock,
            SocketHandle socket,
            int code,
            @Nullable ByteBuffer in,
            int cbIn,
            @Nullable ByteBuffer out,
            int cbOut) {
        OutUlong count = new OutUlong();
        count.set(UNTOUCHED_COUNT);
        winsock.wsaSetLastError(UNTOUCHED_ERROR);
        int result = winsock.wsaIoctl(socket, code, in, cbIn, out, cbOut, count);
        return new Outcome(result, winsock.wsaGetLastError(), count.value());
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
