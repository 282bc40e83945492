package io.github.wfpsim.kernel;

import io.github.wfpsim.verifier.Fault;
import io.github.wfpsim.verifier.TeardownReport.Held;
import java.lang.StackWalker.StackFrame;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The IRPs that a driver has allocated and not freed, with the place where it did.
 *
 * <p>Requirement: IRP-17.
 */
final class OwnIrps implements LoadedDriver.Belongings {

    private static final Set<String> OURS =
            Set.of(OwnIrps.class.getName(), DriverIo.class.getName(), IrpFuture.class.getName());

    private final LoadedDriver driver;
    private final IoManager manager;
    private final ConcurrentHashMap<Packet, Site> live = new ConcurrentHashMap<>();

    /** Who called IoAllocateIrp; turned into text only for a report. */
    private record Site(@Nullable StackFrame caller) {

        @Override
        public String toString() {
            return caller == null ? "an unknown place" : caller.toString();
        }
    }

    OwnIrps(LoadedDriver driver, IoManager manager) {
        this.driver = driver;
        this.manager = manager;
    }

    void add(Packet irp) {
        live.put(irp, callSite());
    }

    /** Forgets an IRP; false if it was not here. */
    boolean remove(Packet irp) {
        return live.remove(irp) != null;
    }

    private static Site callSite() {
        return StackWalker.getInstance()
                .walk(frames -> new Site(frames.dropWhile(frame -> OURS.contains(frame.getClassName()))
                        .findFirst()
                        .orElse(null)));
    }

    private String siteOf(Packet irp) {
        Site site = live.get(irp);
        return site == null ? "a place that was forgotten when it was freed just now" : site.toString();
    }

    private List<Packet> oldestFirst() {
        return live.keySet().stream()
                .sorted(Comparator.comparingLong(Packet::number))
                .toList();
    }

    @Override
    public List<Held> held() {
        return oldestFirst().stream()
                .map(irp -> new Held(
                        "IRP", irp.toString(), driver.name(), Fault.IRP_LEAK + ", allocated at " + siteOf(irp)))
                .toList();
    }

    @Override
    public void takeAway() {
        for (Packet irp : oldestFirst()) {
            Site site = live.remove(irp);
            manager.verifier()
                    .faultLater(
                            null, Fault.IRP_LEAK, driver.name(), irp + " was not freed; it was allocated at " + site);
            // Whoever works on it lets go; no routine of the driver is called any more.
            irp.requestCancel();
        }
    }
}
