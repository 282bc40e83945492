package io.github.wfpsim.host;

import io.github.wfpsim.abi.Irql;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The options of a host, fixed when it is built: the documented behaviour, and named deviations from it. An immutable
 * value; each method that takes an argument gives new options, and refuses a bad value at once.
 *
 * <pre>{@code
 * SimOptions options = SimOptions.defaults().faultMode(FaultMode.RECORD).with(Deviation.SET_AFTER_BIND_ALLOWED);
 * }</pre>
 *
 * <p>{@link #defaults}, the profile {@code documented}, keeps every rule of the requirement catalogue; {@link #observed} is
 * the other one. A {@link Deviation} departs from some; the other
 * options choose among what the rules leave open. Network up or down, the clock, and a process's token are not options
 * but state that changes while the host runs.
 *
 * <p>Requirements: page "Knobs" of the catalogue; each option names its own.
 */
public final class SimOptions {

    private static final int MOST_PADDING = 1 << 20;

    /** Default seed; any fixed number makes runs repeatable. */
    public static final long DEFAULT_SEED = 20_260_101L;

    /** Default depth of redirection, far more than cooperating proxies reach. */
    public static final int DEFAULT_LOOP_LIMIT = 8;

    /** Default idle time of UDP flows, the documented one of Windows. */
    public static final Duration DEFAULT_UDP_FLOW_IDLE_TIMEOUT = Duration.ofSeconds(60);

    /** Default number of trace events kept; a redirected connection takes some thirty. */
    public static final int DEFAULT_TRACE_CAPACITY = 4096;

    /** Default bytes that each direction of a connection can hold, the receive window without scaling. */
    public static final int DEFAULT_STREAM_BUFFER_SIZE = 65_536;

    private static final SimOptions DEFAULTS = new SimOptions(new Values());

    /** Not changed once it is here; the final field publishes it safely. */
    private final Values values;

    private SimOptions(Values values) {
        this.values = values;
    }

    /** {@return the documented behaviour, without deviations} */
    public static SimOptions defaults() {
        return DEFAULTS;
    }

    /**
     * {@return what drivers, tests and reports from outside show of real Windows: the documented behaviour with every
     * deviation that {@linkplain Deviation#isObserved the field reports}}
     */
    public static SimOptions observed() {
        return DEFAULTS.with(
                Arrays.stream(Deviation.values()).filter(Deviation::isObserved).toArray(Deviation[]::new));
    }

    /**
     * {@return these options with more deviations}
     *
     * @param deviations what to add; one that is there already makes no difference
     * @throws IllegalArgumentException if two of the deviations, old and new, depart from one rule
     */
    public SimOptions with(Deviation... deviations) {
        Set<Deviation> all = EnumSet.copyOf(values.deviations);
        for (Deviation added : requireDeviations(deviations)) {
            all.forEach(present -> requireCompatible(present, added));
            all.add(added);
        }
        return change(changed -> changed.deviations = all);
    }

    /**
     * {@return these options without some deviations}
     *
     * @param deviations what to take away; one that is not there makes no difference
     */
    public SimOptions without(Deviation... deviations) {
        Set<Deviation> left = EnumSet.copyOf(values.deviations);
        for (Deviation removed : requireDeviations(deviations)) {
            left.remove(removed);
        }
        return change(changed -> changed.deviations = left);
    }

    /** {@return the deviations in the order of their declaration; cannot be changed} */
    public Set<Deviation> deviations() {
        return Collections.unmodifiableSet(values.deviations);
    }

    /**
     * {@return whether the host departs from its rules in this way}
     *
     * @param deviation the way
     */
    public boolean has(Deviation deviation) {
        Objects.requireNonNull(deviation, "deviation must not be null: name the one to ask for");
        return values.deviations.contains(deviation);
    }

    /** {@return what a breach of a rule does; default {@code THROW} (page "Faults" of the catalogue)} */
    public FaultMode faultMode() {
        return values.faultMode;
    }

    /**
     * {@return these options with another fault mode}
     *
     * @param faultMode see {@link #faultMode()}
     */
    public SimOptions faultMode(FaultMode faultMode) {
        requireKnob(faultMode, "faultMode");
        return change(changed -> changed.faultMode = faultMode);
    }

    /** {@return the Windows that the host plays; default the newest (WSK-05, WSA-05, WSKS-05, WFP-63)} */
    public WindowsVersion windowsVersion() {
        return values.windowsVersion;
    }

    /**
     * {@return these options with another Windows}
     *
     * @param windowsVersion see {@link #windowsVersion()}
     */
    public SimOptions windowsVersion(WindowsVersion windowsVersion) {
        requireKnob(windowsVersion, "windowsVersion");
        return change(changed -> changed.windowsVersion = windowsVersion);
    }

    /** {@return the number that pseudo-random choices come from; default a fixed number (WSK-42)} */
    public long seed() {
        return values.seed;
    }

    /**
     * {@return these options with another seed}
     *
     * @param seed see {@link #seed()}
     */
    public SimOptions seed(long seed) {
        return change(changed -> changed.seed = seed);
    }

    /** {@return when valid asynchronous requests finish; default {@code PENDING} (WSK-42, WSA-48)} */
    public CompletionMode completionMode() {
        return values.completionMode;
    }

    /**
     * {@return these options with another completion mode}
     *
     * @param completionMode see {@link #completionMode()}
     */
    public SimOptions completionMode(CompletionMode completionMode) {
        requireKnob(completionMode, "completionMode");
        return change(changed -> changed.completionMode = completionMode);
    }

    /**
     * {@return the level at which completion routines run, PASSIVE_LEVEL or DISPATCH_LEVEL; default {@code
     * PASSIVE_LEVEL} (IRP-10)}
     */
    public Irql completionIrql() {
        return values.completionIrql;
    }

    /**
     * {@return these options with another level for completion routines}
     *
     * @param completionIrql see {@link #completionIrql()}
     * @throws IllegalArgumentException if the level is neither PASSIVE_LEVEL nor DISPATCH_LEVEL
     */
    public SimOptions completionIrql(Irql completionIrql) {
        requirePassiveOrDispatch(completionIrql, "completionIrql");
        return change(changed -> changed.completionIrql = completionIrql);
    }

    /**
     * {@return the level at which classifyFn runs, PASSIVE_LEVEL or DISPATCH_LEVEL; default {@code PASSIVE_LEVEL}
     * (WFP-37)}
     */
    public Irql classifyIrql() {
        return values.classifyIrql;
    }

    /**
     * {@return these options with another level for classifyFn}
     *
     * @param classifyIrql see {@link #classifyIrql()}
     * @throws IllegalArgumentException if the level is neither PASSIVE_LEVEL nor DISPATCH_LEVEL
     */
    public SimOptions classifyIrql(Irql classifyIrql) {
        requirePassiveOrDispatch(classifyIrql, "classifyIrql");
        return change(changed -> changed.classifyIrql = classifyIrql);
    }

    /** {@return the size in bytes up to which redirect records are padded, 0 for no padding; default 0 (REC-04)} */
    public int minimumRecordSize() {
        return values.minimumRecordSize;
    }

    /**
     * {@return these options with another padding of redirect records}
     *
     * @param minimumRecordSize see {@link #minimumRecordSize()}
     * @throws IllegalArgumentException if it is negative or above 1 MiB
     */
    public SimOptions minimumRecordSize(int minimumRecordSize) {
        if (minimumRecordSize > MOST_PADDING) {
            throw new IllegalArgumentException("minimumRecordSize must be at most " + MOST_PADDING + " but was "
                    + minimumRecordSize + ": records are padded for each query");
        }
        requireAtLeast(0, minimumRecordSize, "minimumRecordSize", "0 means no padding");
        return change(changed -> changed.minimumRecordSize = minimumRecordSize);
    }

    /** {@return the deepest redirection before the loop guard acts; default 8 (REC-19)} */
    public int loopLimit() {
        return values.loopLimit;
    }

    /**
     * {@return these options with another limit of the loop guard}
     *
     * @param loopLimit see {@link #loopLimit()}
     * @throws IllegalArgumentException if it is less than 1
     */
    public SimOptions loopLimit(int loopLimit) {
        requireAtLeast(1, loopLimit, "loopLimit", "use a large number to switch the guard off");
        return change(changed -> changed.loopLimit = loopLimit);
    }

    /** {@return whether processes need not call WSAStartup; default on (WSA-23)} */
    public boolean autoWsaStartup() {
        return values.autoWsaStartup;
    }

    /**
     * {@return these options with WSAStartup needed or not}
     *
     * @param autoWsaStartup see {@link #autoWsaStartup()}
     */
    public SimOptions autoWsaStartup(boolean autoWsaStartup) {
        return change(changed -> changed.autoWsaStartup = autoWsaStartup);
    }

    /** {@return the virtual time after which an idle UDP flow ends; default 60 s (UDP-11)} */
    public Duration udpFlowIdleTimeout() {
        return values.udpFlowIdleTimeout;
    }

    /**
     * {@return these options with another idle time of UDP flows}
     *
     * @param udpFlowIdleTimeout see {@link #udpFlowIdleTimeout()}
     * @throws IllegalArgumentException if it is zero or negative
     */
    public SimOptions udpFlowIdleTimeout(Duration udpFlowIdleTimeout) {
        requireKnob(udpFlowIdleTimeout, "udpFlowIdleTimeout");
        if (udpFlowIdleTimeout.isZero() || udpFlowIdleTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "udpFlowIdleTimeout must be positive, use a long one for flows that stay: " + udpFlowIdleTimeout);
        }
        return change(changed -> changed.udpFlowIdleTimeout = udpFlowIdleTimeout);
    }

    /** {@return the routing compartment that the host's connections are in; default 1 (WFP-94)} */
    public int compartmentId() {
        return values.compartmentId;
    }

    /**
     * {@return these options with another routing compartment}
     *
     * @param compartmentId see {@link #compartmentId()}
     * @throws IllegalArgumentException if it is less than 1
     */
    public SimOptions compartmentId(int compartmentId) {
        requireAtLeast(1, compartmentId, "compartmentId", "0 stands for no compartment");
        return change(changed -> changed.compartmentId = compartmentId);
    }

    /**
     * {@return the number of the volume that a drive is, which device paths and so application ids have: C: is
     * {@code \\Device\\HarddiskVolume3} by default, its neighbours 2 and 4, and so on (WFP-12)}
     *
     * @param drive letter of the drive, in any case
     * @throws IllegalArgumentException if it is no letter from A to Z
     */
    public int hardDiskVolume(char drive) {
        char letter = requireDrive(drive);
        return values.hardDiskVolumes.getOrDefault(letter, letter - 'A' + 1);
    }

    /**
     * {@return these options with a drive on another volume}
     *
     * @param drive letter of the drive, in any case
     * @param volume number of the volume
     * @throws IllegalArgumentException if the drive is no letter from A to Z, or the number is less than 1
     */
    public SimOptions hardDiskVolume(char drive, int volume) {
        char letter = requireDrive(drive);
        requireAtLeast(1, volume, "hardDiskVolume", "Windows counts them from 1");
        Map<Character, Integer> all = new TreeMap<>(values.hardDiskVolumes);
        all.put(letter, volume);
        return change(changed -> changed.hardDiskVolumes = Collections.unmodifiableMap(all));
    }

    /** {@return who runs the tasks of the dispatcher; default {@code BACKGROUND}} */
    public DispatcherMode dispatcher() {
        return values.dispatcher;
    }

    /**
     * {@return these options with another dispatcher}
     *
     * @param dispatcher see {@link #dispatcher()}
     */
    public SimOptions dispatcher(DispatcherMode dispatcher) {
        requireKnob(dispatcher, "dispatcher");
        return change(changed -> changed.dispatcher = dispatcher);
    }

    /** {@return how many trace events are kept, 0 for none; default 4096} */
    public int traceCapacity() {
        return values.traceCapacity;
    }

    /**
     * {@return these options with room for another number of trace events}
     *
     * @param traceCapacity see {@link #traceCapacity()}
     * @throws IllegalArgumentException if it is negative
     */
    public SimOptions traceCapacity(int traceCapacity) {
        requireAtLeast(0, traceCapacity, "traceCapacity", "0 switches the trace off");
        return change(changed -> changed.traceCapacity = traceCapacity);
    }

    /** {@return the bytes that each direction of a connection can hold; default 65536} */
    public int streamBufferSize() {
        return values.streamBufferSize;
    }

    /**
     * {@return these options with another size of stream buffers}
     *
     * @param streamBufferSize see {@link #streamBufferSize()}
     * @throws IllegalArgumentException if it is less than 1
     */
    public SimOptions streamBufferSize(int streamBufferSize) {
        requireAtLeast(1, streamBufferSize, "streamBufferSize", "a stream needs room for a byte");
        return change(changed -> changed.streamBufferSize = streamBufferSize);
    }

    /** {@return whether the other object is options with the same values and deviations} */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SimOptions options && values.byName().equals(options.values.byName());
    }

    @Override
    public int hashCode() {
        return values.byName().hashCode();
    }

    /** {@return what differs from the defaults, such as {@code SimOptions{loopLimit=3}}} */
    @Override
    public String toString() {
        Map<String, Object> differing = values.byName();
        differing.entrySet().removeAll(DEFAULTS.values.byName().entrySet());
        return "SimOptions" + differing;
    }

    private SimOptions change(Consumer<Values> change) {
        Values changed = new Values(values);
        change.accept(changed);
        return new SimOptions(changed);
    }

    private static <T> T requireKnob(T value, String knob) {
        return Objects.requireNonNull(value, () -> knob + " must not be null: leave it out for the default");
    }

    private static Deviation[] requireDeviations(Deviation... deviations) {
        requireKnob(deviations, "deviations");
        for (Deviation each : deviations) {
            requireKnob(each, "deviation");
        }
        return deviations;
    }

    private static void requireCompatible(Deviation present, Deviation added) {
        if (present.excludes(added)) {
            Set<String> shared = new TreeSet<>(present.rules());
            shared.retainAll(added.rules());
            throw new IllegalArgumentException(
                    present + " and " + added + " both depart from " + shared + ": leave one of the two out");
        }
    }

    private static void requireAtLeast(int least, int value, String knob, String remedy) {
        if (value < least) {
            throw new IllegalArgumentException(knob + " must be at least " + least + ", " + remedy + ": " + value);
        }
    }

    private static char requireDrive(char drive) {
        char letter = Character.toUpperCase(drive);
        if (letter < 'A' || letter > 'Z') {
            throw new IllegalArgumentException("drive must be a letter from A to Z, such as 'C': '" + drive + "'");
        }
        return letter;
    }

    private static void requirePassiveOrDispatch(Irql value, String knob) {
        requireKnob(value, knob);
        if (value == Irql.APC_LEVEL) {
            throw new IllegalArgumentException(knob + " must be PASSIVE_LEVEL or DISPATCH_LEVEL: " + value);
        }
    }

    /** What a breach of a rule does, besides being recorded. */
    public enum FaultMode {
        /** The offending call throws. */
        THROW,
        /** Nothing more; the host's list of violations tells. */
        RECORD
    }

    /** When valid asynchronous requests finish. */
    public enum CompletionMode {
        /** Later, through the dispatcher. */
        PENDING,
        /** Before the call returns. */
        INLINE,
        /** One or the other, drawn from the seed. */
        SEEDED_RANDOM
    }

    /** Who runs the tasks of the dispatcher. */
    public enum DispatcherMode {
        /** A daemon thread of the host. */
        BACKGROUND,
        /** The thread that hands the task in. */
        INLINE,
        /** The test, step by step. */
        MANUAL
    }

    /** The defaults, until they are changed. */
    private static final class Values {

        private Set<Deviation> deviations = EnumSet.noneOf(Deviation.class);
        private FaultMode faultMode = FaultMode.THROW;
        private WindowsVersion windowsVersion = WindowsVersion.latest();
        private long seed = DEFAULT_SEED;
        private CompletionMode completionMode = CompletionMode.PENDING;
        private Irql completionIrql = Irql.PASSIVE_LEVEL;
        private Irql classifyIrql = Irql.PASSIVE_LEVEL;
        private int minimumRecordSize = 0;
        private int loopLimit = DEFAULT_LOOP_LIMIT;
        private boolean autoWsaStartup = true;
        private Duration udpFlowIdleTimeout = DEFAULT_UDP_FLOW_IDLE_TIMEOUT;
        private int compartmentId = 1;
        private Map<Character, Integer> hardDiskVolumes = Map.of();
        private DispatcherMode dispatcher = DispatcherMode.BACKGROUND;
        private int traceCapacity = DEFAULT_TRACE_CAPACITY;
        private int streamBufferSize = DEFAULT_STREAM_BUFFER_SIZE;

        Values() {}

        Values(Values other) {
            this.deviations = other.deviations;
            this.faultMode = other.faultMode;
            this.windowsVersion = other.windowsVersion;
            this.seed = other.seed;
            this.completionMode = other.completionMode;
            this.completionIrql = other.completionIrql;
            this.classifyIrql = other.classifyIrql;
            this.minimumRecordSize = other.minimumRecordSize;
            this.loopLimit = other.loopLimit;
            this.autoWsaStartup = other.autoWsaStartup;
            this.udpFlowIdleTimeout = other.udpFlowIdleTimeout;
            this.compartmentId = other.compartmentId;
            this.hardDiskVolumes = other.hardDiskVolumes;
            this.dispatcher = other.dispatcher;
            this.traceCapacity = other.traceCapacity;
            this.streamBufferSize = other.streamBufferSize;
        }

        /** The values by the names of their options. */
        Map<String, Object> byName() {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("faultMode", faultMode);
            all.put("windowsVersion", windowsVersion);
            all.put("seed", seed);
            all.put("completionMode", completionMode);
            all.put("completionIrql", completionIrql);
            all.put("classifyIrql", classifyIrql);
            all.put("minimumRecordSize", minimumRecordSize);
            all.put("loopLimit", loopLimit);
            all.put("autoWsaStartup", autoWsaStartup);
            all.put("udpFlowIdleTimeout", udpFlowIdleTimeout);
            all.put("compartmentId", compartmentId);
            all.put("hardDiskVolumes", hardDiskVolumes);
            all.put("dispatcher", dispatcher);
            all.put("traceCapacity", traceCapacity);
            all.put("streamBufferSize", streamBufferSize);
            all.put("deviations", deviations);
            return all;
        }
    }
}
