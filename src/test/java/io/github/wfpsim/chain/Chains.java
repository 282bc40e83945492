package io.github.wfpsim.chain;

import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.net.IpAddress;
import io.github.wfpsim.redirect.RedirectHandle;
import io.github.wfpsim.redirect.RedirectRecord;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Random;
import java.util.UUID;

/** Redirect records and chains to test with. */
final class Chains {

    static final int TARGET_PID = 4242;
    static final String APP = "\\device\\harddiskvolume1\\app.exe";

    private Chains() {}

    static RedirectHandle handle(long id) {
        return new DriverRedirectHandle(id, new UUID(1, 1), "acme.sys", handle -> {});
    }

    static RedirectRecord record(long id, long handleId) {
        return record(id, handleId, AddressFamily.AF_INET, APP);
    }

    static RedirectRecord record(long id, long handleId, AddressFamily family, String app) {
        return new RedirectRecord(
                id,
                handleId,
                new UUID(7, handleId),
                "acme.sys",
                TARGET_PID,
                99,
                app,
                origin(family),
                new InetSocketAddress(IpAddress.loopback(family), 8080),
                id + 1000,
                1,
                true);
    }

    /** A redirect to another machine. */
    static RedirectRecord awayFromHere(long id, long handleId) {
        return new RedirectRecord(
                id,
                handleId,
                new UUID(7, handleId),
                "acme.sys",
                TARGET_PID,
                99,
                APP,
                origin(AddressFamily.AF_INET),
                origin(AddressFamily.AF_INET),
                id + 1000,
                1,
                false);
    }

    /** A chain made by the handles with the given numbers, oldest first. */
    static RedirectChain of(long... handleIds) {
        RedirectChain chain = RedirectChain.empty();
        for (int i = 0; i < handleIds.length; i++) {
            chain = chain.append(record(i + 1, handleIds[i]));
        }
        return chain;
    }

    static RedirectChain random(Random random) {
        RedirectChain chain = RedirectChain.empty();
        int length = 1 + random.nextInt(5);
        for (int i = 0; i < length; i++) {
            AddressFamily family = random.nextBoolean() ? AddressFamily.AF_INET : AddressFamily.AF_INET6;
            chain = chain.append(record(random.nextLong(), random.nextLong(), family, "é\\" + random.nextInt()));
        }
        return chain;
    }

    private static InetSocketAddress origin(AddressFamily family) {
        byte[] bytes = family == AddressFamily.AF_INET
                ? new byte[] {(byte) 203, 0, 113, 10}
                : new byte[] {0x20, 1, 0xd, (byte) 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), 443);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
