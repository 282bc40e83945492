package io.github.wfpsim.wsk;

import io.github.wfpsim.driver.CurrentIrql;
import io.github.wfpsim.host.Deadline;
import io.github.wfpsim.irp.IoManager;
import io.github.wfpsim.irp.Mm;
import io.github.wfpsim.kernel.LoadedDriver;
import io.github.wfpsim.machine.ProcessEntry;
import io.github.wfpsim.stack.HostStack;
import io.github.wfpsim.verifier.Fault;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The machine's WSK subsystem, which all drivers share. Created by the root. Who waits for it to become ready is guarded
 * by its private monitor.
 */
public final class WskProvider {

    private final HostStack stack;
    private final CurrentIrql irql;
    private final IoManager ioManager;
    private final ProcessEntry system;
    private final LoadedDriver afd;
    private final Mm afdMemory;
    private final Set<WskClient> clients = ConcurrentHashMap.newKeySet();
    private final Object monitor = new Object();

    /**
     * Creates the subsystem.
     *
     * @param stack the machine's transport
     * @param ioManager the machine's IRPs
     * @param irql knows the level of each thread
     * @param system the process that drivers run in
     */
    @SuppressWarnings("exports")
    public WskProvider(HostStack stack, IoManager ioManager, CurrentIrql irql, ProcessEntry system) {
        this.stack = Objects.requireNonNull(stack, "stack must not be null");
        this.ioManager = Objects.requireNonNull(ioManager, "ioManager must not be null");
        this.irql = Objects.requireNonNull(irql, "irql must not be null");
        this.system = Objects.requireNonNull(system, "system must not be null");
        this.afd = new LoadedDriver("afd.sys", stack.verifier());
        this.afdMemory = new Mm(ioManager, afd);
        stack.onNetworkChange(this::networkChanged);
    }

    HostStack stack() {
        return stack;
    }

    CurrentIrql irql() {
        return irql;
    }

    IoManager ioManager() {
        return ioManager;
    }

    ProcessEntry system() {
        return system;
    }

    /** Waits until the network is up; false if the deadline passes, the thread is interrupted, or the client gives up. */
    boolean awaitReady(WskRegistration registration, Deadline deadline) {
        try (Deadline.Registration wakeUp = deadline.onExpiry(this::wake)) {
            synchronized (monitor) {
                while (!stack.isNetworkUp() && !registration.isDeregistering() && !deadline.isExpired()) {
                    monitor.wait();
                }
            }
            return stack.isNetworkUp();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What the events of one driver's sockets work with. */
    EventHost eventHost(BiConsumer<Fault, String> faults) {
        return new EventHost(stack, ioManager, afd, afdMemory, faults);
    }

    /** Remembers a driver, whose listeners hear when the network goes down. */
    void serves(WskClient client) {
        clients.add(client);
    }

    private void networkChanged() {
        wake();
        if (!stack.isNetworkUp()) {
            clients.forEach(WskClient::networkWentDown);
        }
    }

    /** Has those who wait for readiness look again. */
    void wake() {
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }
}
