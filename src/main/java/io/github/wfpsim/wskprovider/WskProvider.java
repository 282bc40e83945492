package io.github.wfpsim.wskprovider;

import io.github.wfpsim.abi.Irql;
import io.github.wfpsim.driver.PoolBlock;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.kernel.DriverMm;
import io.github.wfpsim.kernel.IoManager;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.kernel.ThreadIrql;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.machine.ProcessTable;
import io.github.wfpsim.machine.WaitingLine;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.wsk.WskEventFlags;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The machine's WSK subsystem, which all drivers share. Created by the root.
 */
public final class WskProvider {

    private static final String TAG = "Afd ";

    private final HostStack stack;
    private final ThreadIrql irql;
    private final IoManager ioManager;
    private final ProcessTable processes;
    private final LoadedDriver afd;
    private final Mm afdMemory;
    private final Set<WskClient> clients = ConcurrentHashMap.newKeySet();
    private final WaitingLine line;

    /** Creates the subsystem on the machine's transport. */
    public WskProvider(HostStack stack, IoManager ioManager, ThreadIrql irql, ProcessTable processes) {
        this.stack = stack;
        this.ioManager = ioManager;
        this.irql = irql;
        this.processes = processes;
        this.afd = new LoadedDriver("afd.sys", stack.verifier());
        this.afdMemory = new DriverMm(ioManager, afd);
        this.line = new WaitingLine(stack.waits());
        stack.onNetworkChange(this::networkChanged);
    }

    HostStack stack() {
        return stack;
    }

    ThreadIrql irql() {
        return irql;
    }

    IoManager ioManager() {
        return ioManager;
    }

    /** A living process by its id, System for 0; null if there is none. */
    @Nullable
    ProcessEntry process(int id) {
        return id == 0 ? processes.system() : processes.find(id).orElse(null);
    }

    /** Waits until the network is up; false if the deadline passes, the thread is interrupted, or the client gives up. */
    boolean awaitReady(Registration registration, Deadline deadline) {
        try {
            line.await(
                    () -> stack.isNetworkUp() || registration.isDeregistering(),
                    deadline,
                    () -> "the network to come up");
            return stack.isNetworkUp();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Allocates what callbacks are shown: memory of WSK's own driver. */
    PoolBlock allocate(int size) {
        return afd.pool().allocate(size, TAG);
    }

    /** The functions about memory of WSK's own driver. */
    Mm mm() {
        return afdMemory;
    }

    /** The flag that tells callbacks their level. */
    int levelFlag() {
        return stack.options().completionIrql() == Irql.DISPATCH_LEVEL ? WskEventFlags.WSK_FLAG_AT_DISPATCH_LEVEL : 0;
    }

    /** Remembers a driver, whose listeners hear when the network goes down. */
    void serves(WskClient client) {
        clients.add(client);
    }

    /** A driver has unloaded. */
    void servesNoMore(WskClient client) {
        clients.remove(client);
    }

    private void networkChanged() {
        wake();
        if (!stack.isNetworkUp()) {
            clients.forEach(WskClient::networkWentDown);
        }
    }

    /** Has those who wait for readiness look again. */
    void wake() {
        line.wakeAll();
    }
}
