package io.github.wfpsim.machine;

import io.github.wfpsim.host.SimOptions;
import io.github.wfpsim.host.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The processes of one host. System, process 4, lives from the start and cannot be ended.
 *
 * <p>Safe for use by many threads; exit listeners run on the thread that ends the process, without a lock.
 *
 * <p>Requirements: REC-09, REC-35, WFP-05, WFP-51.
 */
public final class ProcessTable {

    /** What System shows for the path of an image. */
    static final String SYSTEM_IMAGE = "System";

    private static final int SYSTEM_ID = 4;
    private static final int FIRST_ID = 1000;
    private static final int ID_STEP = 4;

    private final NtPaths paths;
    private final ProcessEntry system;
    private final List<Consumer<ProcessEntry>> exitListeners = new CopyOnWriteArrayList<>();

    /** Guards writes to the fields below; look-ups take no lock. */
    private final Object lock = new Object();

    private final ConcurrentHashMap<Integer, ProcessEntry> byId = new ConcurrentHashMap<>();

    /** By path; guarded by the lock. */
    private final Map<String, Image> images = new HashMap<>();

    /** Ids are not used again, so that a record can name an application that has ended. */
    private final ConcurrentHashMap<Integer, ProcessEntry> ended = new ConcurrentHashMap<>();

    private int nextId = FIRST_ID;
    private boolean closed;

    /** Creates a table that holds System only, of a machine with default options. */
    public ProcessTable() {
        this(new NtPaths(SimOptions.defaults()));
    }

    /**
     * Creates a table that holds System only.
     *
     * @param paths the machine's volumes, for application ids
     */
    public ProcessTable(NtPaths paths) {
        this.paths = Objects.requireNonNull(paths, "paths must not be null");
        this.system = new ProcessEntry(SYSTEM_ID, Image.of(SYSTEM_IMAGE, paths), Token.SYSTEM, null);
        byId.put(SYSTEM_ID, system);
    }

    /** {@return the machine's volumes} */
    public NtPaths paths() {
        return paths;
    }

    /** {@return the process that drivers without one of their own act for, System with number 4} */
    public ProcessEntry system() {
        return system;
    }

    /**
     * Starts a process.
     *
     * @param imagePath path of its image, such as {@code C:\Apps\browser.exe}
     * @param token the rights it starts with
     * @param packageSid SID of its AppContainer package, or null for none
     * @return the process; ids count up from 1000 in steps of four
     * @throws IllegalArgumentException if the path has no file name
     * @throws IllegalStateException if the table is closed
     */
    public ProcessEntry start(String imagePath, Token token, @Nullable String packageSid) {
        Objects.requireNonNull(imagePath, "imagePath must not be null: name an image such as C:\\Apps\\browser.exe");
        Objects.requireNonNull(token, "token must not be null: use STANDARD_USER for no special rights");
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("this WfpSim is closed: open another one");
            }
            Image image = images.computeIfAbsent(imagePath, path -> Image.of(path, paths));
            ProcessEntry process = new ProcessEntry(nextId, image, token, packageSid);
            if (process.imageName().isBlank()) {
                throw new IllegalArgumentException(
                        "imagePath must end in a file name, such as C:\\Apps\\browser.exe: \"" + imagePath + "\"");
            }
            nextId = Math.addExact(nextId, ID_STEP);
            byId.put(process.id(), process);
            return process;
        }
    }

    /**
     * Lets no process start any more.
     *
     * @return those that live, System not among them, in the order of start
     */
    public List<ProcessEntry> close() {
        synchronized (lock) {
            closed = true;
        }
        return alive().stream().filter(process -> process != system).toList();
    }

    /**
     * Finds a living process.
     *
     * @param pid any number
     * @return the process, or empty if none with that id is alive
     */
    public Optional<ProcessEntry> find(int pid) {
        return Optional.ofNullable(byId.get(pid));
    }

    /**
     * Finds a process, whether it lives or not.
     *
     * @param pid any number
     * @return the process, or null if there never was one with that id
     */
    public @Nullable ProcessEntry findEver(int pid) {
        ProcessEntry living = byId.get(pid);
        return living == null ? ended.get(pid) : living;
    }

    /** {@return an immutable snapshot of the living processes in the order of start, System first} */
    public List<ProcessEntry> alive() {
        // Ids count up.
        return byId.values().stream()
                .sorted(Comparator.comparingInt(ProcessEntry::id))
                .toList();
    }

    /**
     * Ends a process and tells the exit listeners, each once, in the order of registration. A process that has ended
     * before is left alone. A listener that throws does not keep the others from being told.
     *
     * @param process the process
     * @return false if it had ended before
     * @throws IllegalArgumentException if it is System, or belongs to another host
     * @throws RuntimeException what the first failing listener threw, with later failures as suppressed
     */
    public boolean end(ProcessEntry process) {
        Objects.requireNonNull(process, "process must not be null: pass what start returned");
        if (process.id() == SYSTEM_ID) {
            throw new IllegalArgumentException("System(4) cannot be ended: close the host instead");
        }
        boolean ended = remove(process);
        if (ended) {
            tellListeners(process);
        }
        return ended;
    }

    /**
     * Registers for the end of processes.
     *
     * @param listener called once for each process that ends from now on, on the thread that ends it
     */
    public void onExit(Consumer<ProcessEntry> listener) {
        exitListeners.add(Objects.requireNonNull(listener, "listener must not be null: pass a method reference"));
    }

    private boolean remove(ProcessEntry process) {
        synchronized (lock) {
            boolean ours = byId.get(process.id()) == process;
            if (!ours && process.isAlive()) {
                throw new IllegalArgumentException(process + " belongs to another host: end it there");
            }
            if (ours) {
                ended.put(process.id(), process);
                byId.remove(process.id(), process);
            }
            return process.markEnded();
        }
    }

    private void tellListeners(ProcessEntry process) {
        List<RuntimeException> failures = new ArrayList<>();
        for (Consumer<ProcessEntry> listener : exitListeners) {
            try {
                listener.accept(process);
            } catch (RuntimeException failure) {
                failures.add(failure);
            }
        }
        Failures.throwFirst(failures);
    }
}
