package io.github.wfpsim.misuse;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.wfp.FwpmChangeHandle;
import io.github.wfpsim.wfp.FwpmEnumHandle;
import io.github.wfpsim.winsock.SocketHandle;
import io.github.wfpsim.wsk.WskControlBuffer;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a careless or hostile caller hands over, by type of the parameter. */
final class HostileValues {

    private HostileValues() {}

    static Map<String, Object> of(Class<?> type, Specimens specimens) {
        Map<String, Object> values = new LinkedHashMap<>();
        if (!type.isPrimitive()) {
            values.put("null", null);
        }
        if (type == int.class) {
            values.putAll(Map.of("-1", -1, "MIN", Integer.MIN_VALUE, "MAX", Integer.MAX_VALUE, "0", 0));
        } else if (type == char.class) {
            values.putAll(Map.of("digit", '1', "NUL", '\0', "MAX", Character.MAX_VALUE));
        } else if (type == long.class) {
            values.putAll(Map.of("-1", -1L, "MIN", Long.MIN_VALUE, "MAX", Long.MAX_VALUE, "2^32", 1L << 32, "0", 0L));
        } else if (type == String.class) {
            values.putAll(Map.of("empty", "", "blank", " ", "NUL", "\0", "long", "x".repeat(100_000)));
        } else if (type == byte[].class) {
            values.putAll(Map.of("empty", new byte[0], "noise", new byte[300]));
        } else if (type == ByteBuffer.class) {
            values.put("read-only", ByteBuffer.allocate(64).asReadOnlyBuffer());
            values.put("short", ByteBuffer.allocate(1));
            values.put("empty", ByteBuffer.allocate(0));
        } else if (type == Duration.class) {
            values.put("negative", Duration.ofMillis(-1));
            values.put("huge", Duration.ofSeconds(Long.MAX_VALUE));
        } else {
            putObjects(type, specimens, values);
        }
        return values;
    }

    private static void putObjects(Class<?> type, Specimens specimens, Map<String, Object> values) {
        if (type == InetSocketAddress.class) {
            values.put("unresolved", InetSocketAddress.createUnresolved("example", 80));
            values.put("other family", new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET6), 80));
            values.put("wildcard", new InetSocketAddress(IpAddress.wildcard(AddressFamily.AF_INET), 80));
            values.put("port 0", new InetSocketAddress(IpAddress.loopback(AddressFamily.AF_INET), 0));
        } else if (type == SocketHandle.class) {
            values.put("invalid", SocketHandle.INVALID_SOCKET);
            values.put("of another process", specimens.ofAnotherProcess);
            values.put("never opened", new SocketHandle(1L << 40));
            values.put("closed", closed(specimens));
        } else if (type == WskControlBuffer.class) {
            values.put("read-only", WskControlBuffer.of(ByteBuffer.allocate(64).asReadOnlyBuffer()));
            values.put("short", WskControlBuffer.of(ByteBuffer.allocate(1)));
            values.put("empty", WskControlBuffer.of(ByteBuffer.allocate(0)));
        } else if (type == RedirectHandle.class) {
            values.put("of another machine", specimens.handleOfAnotherMachine);
        } else if (type == FwpmEnumHandle.class) {
            values.put("of another machine", specimens.enumerationOfAnotherMachine);
        } else if (type == FwpmChangeHandle.class) {
            values.put("of another machine", specimens.subscriptionOfAnotherMachine);
        }
    }

    private static SocketHandle closed(Specimens specimens) {
        SocketHandle handle = specimens.proxy.winsock().socket(2, 1, 6);
        specimens.proxy.winsock().closesocket(handle);
        return handle;
    }
}
