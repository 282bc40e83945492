package io.github.wfpsim.host;

import io.github.wfpsim.abi.Irql;
import java.time.Duration;
import java.util.Objects;

/**
 * The knobs of a host, fixed when it is built. Immutable.
 *
 * <p>{@link #defaults} is the documented behaviour; each knob turns one decision of the requirement catalogue the other
 * way. Network up or down, the clock, and a process's token are not knobs but state that changes while the host runs.
 *
 * <p>Requirements: page "Knobs" of the catalogue; each knob names its own.
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

    private static final SimOptions DEFAULTS = new Builder().build();

    private final FaultMode faultMode;
    private final WindowsVersion windowsVersion;
    private final long seed;
    private final CompletionMode completionMode;
    private final Irql completionIrql;
    private final Irql classifyIrql;
    private final int minimumRecordSize;
    private final int loopLimit;
    private final QueryAccess queryAccess;
    private final SetAfterBind setAfterBind;
    private final ParameterChecking wskParameterChecking;
    private final WskSizeQueryStatus wskSizeQueryStatus;
    private final WinsockErrors winsockErrors;
    private final NotFoundError notFoundError;
    private final boolean autoWsaStartup;
    private final Duration udpFlowIdleTimeout;
    private final IncompleteLocalRedirect incompleteLocalRedirect;
    private final RecordHandlePresence recordHandlePresence;
    private final RedirectLayerBlock redirectLayerBlock;
    private final LocalAddressAtConnect localAddressAtConnect;
    private final DoubleAuthorization doubleAuthorization;
    private final NullBytesTransferred nullBytesTransferred;
    private final DispatcherMode dispatcher;
    private final int traceCapacity;
    private final int streamBufferSize;

    private SimOptions(Builder builder) {
        this.faultMode = builder.faultMode;
        this.windowsVersion = builder.windowsVersion;
        this.seed = builder.seed;
        this.completionMode = builder.completionMode;
        this.completionIrql = builder.completionIrql;
        this.classifyIrql = builder.classifyIrql;
        this.minimumRecordSize = builder.minimumRecordSize;
        this.loopLimit = builder.loopLimit;
        this.queryAccess = builder.queryAccess;
        this.setAfterBind = builder.setAfterBind;
        this.wskParameterChecking = builder.wskParameterChecking;
        this.wskSizeQueryStatus = builder.wskSizeQueryStatus;
        this.winsockErrors = builder.winsockErrors;
        this.notFoundError = builder.notFoundError;
        this.autoWsaStartup = builder.autoWsaStartup;
        this.udpFlowIdleTimeout = builder.udpFlowIdleTimeout;
        this.incompleteLocalRedirect = builder.incompleteLocalRedirect;
        this.recordHandlePresence = builder.recordHandlePresence;
        this.redirectLayerBlock = builder.redirectLayerBlock;
        this.localAddressAtConnect = builder.localAddressAtConnect;
        this.doubleAuthorization = builder.doubleAuthorization;
        this.nullBytesTransferred = builder.nullBytesTransferred;
        this.dispatcher = builder.dispatcher;
        this.traceCapacity = builder.traceCapacity;
        this.streamBufferSize = builder.streamBufferSize;
    }

    /**
     * Returns the options with every knob at its default.
     *
     * @return the defaults
     */
    public static SimOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts from these options.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.faultMode = faultMode;
        builder.windowsVersion = windowsVersion;
        builder.seed = seed;
        builder.completionMode = completionMode;
        builder.completionIrql = completionIrql;
        builder.classifyIrql = classifyIrql;
        builder.minimumRecordSize = minimumRecordSize;
        builder.loopLimit = loopLimit;
        builder.queryAccess = queryAccess;
        builder.setAfterBind = setAfterBind;
        builder.wskParameterChecking = wskParameterChecking;
        builder.wskSizeQueryStatus = wskSizeQueryStatus;
        builder.winsockErrors = winsockErrors;
        builder.notFoundError = notFoundError;
        builder.autoWsaStartup = autoWsaStartup;
        builder.udpFlowIdleTimeout = udpFlowIdleTimeout;
        builder.incompleteLocalRedirect = incompleteLocalRedirect;
        builder.recordHandlePresence = recordHandlePresence;
        builder.redirectLayerBlock = redirectLayerBlock;
        builder.localAddressAtConnect = localAddressAtConnect;
        builder.doubleAuthorization = doubleAuthorization;
        builder.nullBytesTransferred = nullBytesTransferred;
        builder.dispatcher = dispatcher;
        builder.traceCapacity = traceCapacity;
        builder.streamBufferSize = streamBufferSize;
        return builder;
    }

    /** {@return what a breach of a rule does; default {@code THROW} (page "Faults" of the catalogue)} */
    public FaultMode faultMode() {
        return faultMode;
    }

    /** {@return the Windows that the host plays; default the newest (WSK-05, WSA-05, WSKS-05, WFP-63)} */
    public WindowsVersion windowsVersion() {
        return windowsVersion;
    }

    /** {@return the number that pseudo-random choices come from; default a fixed number (WSK-42)} */
    public long seed() {
        return seed;
    }

    /** {@return when valid asynchronous requests finish; default {@code PENDING} (WSK-42, WSA-48)} */
    public CompletionMode completionMode() {
        return completionMode;
    }

    /**
     * {@return the level at which completion routines run, PASSIVE_LEVEL or DISPATCH_LEVEL; default {@code
     * PASSIVE_LEVEL} (IRP-10)}
     */
    public Irql completionIrql() {
        return completionIrql;
    }

    /**
     * {@return the level at which classifyFn runs, PASSIVE_LEVEL or DISPATCH_LEVEL; default {@code PASSIVE_LEVEL}
     * (WFP-37)}
     */
    public Irql classifyIrql() {
        return classifyIrql;
    }

    /** {@return the size in bytes up to which redirect records are padded, 0 for no padding; default 0 (REC-04)} */
    public int minimumRecordSize() {
        return minimumRecordSize;
    }

    /** {@return the deepest redirection before the loop guard acts; default 8 (REC-19)} */
    public int loopLimit() {
        return loopLimit;
    }

    /** {@return who may query records and context; default {@code TARGET_PROCESS} (REC-35)} */
    public QueryAccess queryAccess() {
        return queryAccess;
    }

    /** {@return whether a record can be set on a bound socket; default {@code REJECT} (WSK-34, WSA-10)} */
    public SetAfterBind setAfterBind() {
        return setAfterBind;
    }

    /** {@return how strictly unused arguments are checked; default {@code STRICT} (WSK-12, WSK-32)} */
    public ParameterChecking wskParameterChecking() {
        return wskParameterChecking;
    }

    /** {@return the status of a query without output buffer; default {@code BUFFER_TOO_SMALL} (WSK-18)} */
    public WskSizeQueryStatus wskSizeQueryStatus() {
        return wskSizeQueryStatus;
    }

    /** {@return which Winsock errors the query and set codes report; default {@code DOCUMENTED} (WSA-57)} */
    public WinsockErrors winsockErrors() {
        return winsockErrors;
    }

    /** {@return the Winsock error for no redirect or no context; default {@code FWP_E_NOT_FOUND} (WSA-34)} */
    public NotFoundError notFoundError() {
        return notFoundError;
    }

    /** {@return whether processes need not call WSAStartup; default on (WSA-23)} */
    public boolean autoWsaStartup() {
        return autoWsaStartup;
    }

    /** {@return the virtual time after which an idle UDP flow ends; default 60 s (UDP-11)} */
    public Duration udpFlowIdleTimeout() {
        return udpFlowIdleTimeout;
    }

    /** {@return what becomes of a local redirect without target process or live handle; default {@code DISCARD} (WFP-50)} */
    public IncompleteLocalRedirect incompleteLocalRedirect() {
        return incompleteLocalRedirect;
    }

    /** {@return when CONNECT_REDIRECT offers a record handle; default {@code ALWAYS} (WFP-18)} */
    public RecordHandlePresence recordHandlePresence() {
        return recordHandlePresence;
    }

    /** {@return what a block at a redirect layer does; default {@code IGNORE} (WFP-57)} */
    public RedirectLayerBlock redirectLayerBlock() {
        return redirectLayerBlock;
    }

    /** {@return what a changed local address at CONNECT_REDIRECT does; default {@code IGNORE} (WFP-48)} */
    public LocalAddressAtConnect localAddressAtConnect() {
        return localAddressAtConnect;
    }

    /** {@return which redirected connections are authorized twice; default {@code NON_LOOPBACK} (WFP-69)} */
    public DoubleAuthorization doubleAuthorization() {
        return doubleAuthorization;
    }

    /** {@return whether the record query of drivers takes a null count; default {@code ACCEPT} (WFP-79)} */
    public NullBytesTransferred nullBytesTransferred() {
        return nullBytesTransferred;
    }

    /** {@return who runs the tasks of the dispatcher; default {@code BACKGROUND}} */
    public DispatcherMode dispatcher() {
        return dispatcher;
    }

    /** {@return how many trace events are kept, 0 for none; default 4096} */
    public int traceCapacity() {
        return traceCapacity;
    }

    /** {@return the bytes that each direction of a connection can hold; default 65536} */
    public int streamBufferSize() {
        return streamBufferSize;
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

    /** Who may query the records and the context of a redirected connection. */
    public enum QueryAccess {
        /** The process that the redirect names. */
        TARGET_PROCESS,
        /** Whoever accepted the connection. */
        ANY_LOCAL_PROCESS
    }

    /** What happens when a record is set on a socket that is bound. */
    public enum SetAfterBind {
        /** It is refused as too late. */
        REJECT,
        /** It is accepted until the socket connects. */
        ALLOW
    }

    /** How strictly Winsock Kernel checks arguments that a code does not use. */
    public enum ParameterChecking {
        /** They must be null and zero. */
        STRICT,
        /** They are ignored. */
        LENIENT
    }

    /** The status of a Winsock Kernel query that only asks for the size. */
    public enum WskSizeQueryStatus {
        /** STATUS_BUFFER_TOO_SMALL. */
        BUFFER_TOO_SMALL,
        /** STATUS_SUCCESS. */
        SUCCESS
    }

    /** Which Winsock errors the query and set codes report. */
    public enum WinsockErrors {
        /** Those of the reference pages. */
        DOCUMENTED,
        /** Those that published clients handle. */
        OBSERVED
    }

    /** The Winsock error for no redirect or no context. */
    public enum NotFoundError {
        /** FWP_E_NOT_FOUND, as a sample of Microsoft expects; the reference pages are silent. */
        FWP_E_NOT_FOUND,
        /** ERROR_NOT_FOUND; with documented errors only. */
        ERROR_NOT_FOUND
    }

    /** What becomes of a redirect to a local address without target process or live redirect handle. */
    public enum IncompleteLocalRedirect {
        /** The redirect is dropped, the connection goes to its old destination. */
        DISCARD,
        /** The connection attempt fails. */
        FAIL_CONNECT
    }

    /** When a classification at CONNECT_REDIRECT offers a redirect record handle. */
    public enum RecordHandlePresence {
        /** In every one. */
        ALWAYS,
        /** Only if the connection has been redirected before. */
        ONLY_WHEN_RECORDS_EXIST
    }

    /** What a block at a redirect layer does. */
    public enum RedirectLayerBlock {
        /** Nothing. */
        IGNORE,
        /** It blocks. */
        ENFORCE
    }

    /** What a changed local address at CONNECT_REDIRECT does. */
    public enum LocalAddressAtConnect {
        /** Nothing. */
        IGNORE,
        /** It takes effect for TCP. */
        APPLY_TCP
    }

    /** Which redirected connections are authorized for both destinations. */
    public enum DoubleAuthorization {
        /** Those whose new destination is not loopback. */
        NON_LOOPBACK,
        /** All. */
        ALWAYS
    }

    /** Whether FwpsQueryConnectionSioFormatRedirectRecords0 takes a null count. */
    public enum NullBytesTransferred {
        /** It does. */
        ACCEPT,
        /** It answers STATUS_INVALID_PARAMETER. */
        REJECT
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

    /**
     * Collects the knobs. Setters reject bad and contradictory values at once. Not safe for use by several threads.
     */
    public static final class Builder {

        private FaultMode faultMode = FaultMode.THROW;
        private WindowsVersion windowsVersion = WindowsVersion.latest();
        private long seed = DEFAULT_SEED;
        private CompletionMode completionMode = CompletionMode.PENDING;
        private Irql completionIrql = Irql.PASSIVE_LEVEL;
        private Irql classifyIrql = Irql.PASSIVE_LEVEL;
        private int minimumRecordSize = 0;
        private int loopLimit = DEFAULT_LOOP_LIMIT;
        private QueryAccess queryAccess = QueryAccess.TARGET_PROCESS;
        private SetAfterBind setAfterBind = SetAfterBind.REJECT;
        private ParameterChecking wskParameterChecking = ParameterChecking.STRICT;
        private WskSizeQueryStatus wskSizeQueryStatus = WskSizeQueryStatus.BUFFER_TOO_SMALL;
        private WinsockErrors winsockErrors = WinsockErrors.DOCUMENTED;
        private NotFoundError notFoundError = NotFoundError.FWP_E_NOT_FOUND;
        private boolean autoWsaStartup = true;
        private Duration udpFlowIdleTimeout = DEFAULT_UDP_FLOW_IDLE_TIMEOUT;
        private IncompleteLocalRedirect incompleteLocalRedirect = IncompleteLocalRedirect.DISCARD;
        private RecordHandlePresence recordHandlePresence = RecordHandlePresence.ALWAYS;
        private RedirectLayerBlock redirectLayerBlock = RedirectLayerBlock.IGNORE;
        private LocalAddressAtConnect localAddressAtConnect = LocalAddressAtConnect.IGNORE;
        private DoubleAuthorization doubleAuthorization = DoubleAuthorization.NON_LOOPBACK;
        private NullBytesTransferred nullBytesTransferred = NullBytesTransferred.ACCEPT;
        private DispatcherMode dispatcher = DispatcherMode.BACKGROUND;
        private int traceCapacity = DEFAULT_TRACE_CAPACITY;
        private int streamBufferSize = DEFAULT_STREAM_BUFFER_SIZE;

        private Builder() {}

        /**
         * Sets what a breach of a rule does.
         *
         * @param faultMode see {@link SimOptions#faultMode}
         * @return this builder
         */
        public Builder faultMode(FaultMode faultMode) {
            this.faultMode = requireKnob(faultMode, "faultMode");
            return this;
        }

        /**
         * Sets the Windows that the host plays.
         *
         * @param windowsVersion see {@link SimOptions#windowsVersion}
         * @return this builder
         */
        public Builder windowsVersion(WindowsVersion windowsVersion) {
            this.windowsVersion = requireKnob(windowsVersion, "windowsVersion");
            return this;
        }

        /**
         * Sets the number that all pseudo-random choices come from.
         *
         * @param seed see {@link SimOptions#seed}
         * @return this builder
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets when valid asynchronous requests finish.
         *
         * @param completionMode see {@link SimOptions#completionMode}
         * @return this builder
         */
        public Builder completionMode(CompletionMode completionMode) {
            this.completionMode = requireKnob(completionMode, "completionMode");
            return this;
        }

        /**
         * Sets the level at which completion routines run, PASSIVE_LEVEL or DISPATCH_LEVEL.
         *
         * @param completionIrql see {@link SimOptions#completionIrql}
         * @return this builder
         * @throws IllegalArgumentException if the level is neither
         */
        public Builder completionIrql(Irql completionIrql) {
            this.completionIrql = requirePassiveOrDispatch(completionIrql, "completionIrql");
            return this;
        }

        /**
         * Sets the level at which classifyFn runs, PASSIVE_LEVEL or DISPATCH_LEVEL.
         *
         * @param classifyIrql see {@link SimOptions#classifyIrql}
         * @return this builder
         * @throws IllegalArgumentException if the level is neither
         */
        public Builder classifyIrql(Irql classifyIrql) {
            this.classifyIrql = requirePassiveOrDispatch(classifyIrql, "classifyIrql");
            return this;
        }

        /**
         * Sets the size in bytes up to which redirect records are padded, 0 for no padding.
         *
         * @param minimumRecordSize see {@link SimOptions#minimumRecordSize}
         * @return this builder
         * @throws IllegalArgumentException if it is negative or above 1 MiB
         */
        public Builder minimumRecordSize(int minimumRecordSize) {
            if (minimumRecordSize > MOST_PADDING) {
                throw new IllegalArgumentException("minimumRecordSize must be at most " + MOST_PADDING + " but was "
                        + minimumRecordSize + ": records are padded for each query");
            }
            this.minimumRecordSize = requireAtLeast(0, minimumRecordSize, "minimumRecordSize", "0 means no padding");
            return this;
        }

        /**
         * Sets the deepest redirection before the loop guard acts.
         *
         * @param loopLimit see {@link SimOptions#loopLimit}
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder loopLimit(int loopLimit) {
            this.loopLimit = requireAtLeast(1, loopLimit, "loopLimit", "use a large number to switch the guard off");
            return this;
        }

        /**
         * Sets who may query records and context.
         *
         * @param queryAccess see {@link SimOptions#queryAccess}
         * @return this builder
         */
        public Builder queryAccess(QueryAccess queryAccess) {
            this.queryAccess = requireKnob(queryAccess, "queryAccess");
            return this;
        }

        /**
         * Sets whether a record can be set on a bound socket.
         *
         * @param setAfterBind see {@link SimOptions#setAfterBind}
         * @return this builder
         */
        public Builder setAfterBind(SetAfterBind setAfterBind) {
            this.setAfterBind = requireKnob(setAfterBind, "setAfterBind");
            return this;
        }

        /**
         * Sets how strictly unused arguments are checked.
         *
         * @param wskParameterChecking see {@link SimOptions#wskParameterChecking}
         * @return this builder
         */
        public Builder wskParameterChecking(ParameterChecking wskParameterChecking) {
            this.wskParameterChecking = requireKnob(wskParameterChecking, "wskParameterChecking");
            return this;
        }

        /**
         * Sets the status of a query without output buffer.
         *
         * @param wskSizeQueryStatus see {@link SimOptions#wskSizeQueryStatus}
         * @return this builder
         */
        public Builder wskSizeQueryStatus(WskSizeQueryStatus wskSizeQueryStatus) {
            this.wskSizeQueryStatus = requireKnob(wskSizeQueryStatus, "wskSizeQueryStatus");
            return this;
        }

        /**
         * Sets which Winsock errors the query and set codes report.
         *
         * @param winsockErrors see {@link SimOptions#winsockErrors}
         * @return this builder
         * @throws IllegalArgumentException if observed errors and ERROR_NOT_FOUND would come together
         */
        public Builder winsockErrors(WinsockErrors winsockErrors) {
            requireKnob(winsockErrors, "winsockErrors");
            requireCompatible(winsockErrors, this.notFoundError);
            this.winsockErrors = winsockErrors;
            return this;
        }

        /**
         * Sets the Winsock error for no redirect or no context.
         *
         * @param notFoundError see {@link SimOptions#notFoundError}
         * @return this builder
         * @throws IllegalArgumentException if observed errors and ERROR_NOT_FOUND would come together
         */
        public Builder notFoundError(NotFoundError notFoundError) {
            requireKnob(notFoundError, "notFoundError");
            requireCompatible(this.winsockErrors, notFoundError);
            this.notFoundError = notFoundError;
            return this;
        }

        /**
         * Sets whether processes need not call WSAStartup.
         *
         * @param autoWsaStartup see {@link SimOptions#autoWsaStartup}
         * @return this builder
         */
        public Builder autoWsaStartup(boolean autoWsaStartup) {
            this.autoWsaStartup = autoWsaStartup;
            return this;
        }

        /**
         * Sets the virtual time after which an idle UDP flow ends.
         *
         * @param udpFlowIdleTimeout see {@link SimOptions#udpFlowIdleTimeout}
         * @return this builder
         * @throws IllegalArgumentException if it is zero or negative
         */
        public Builder udpFlowIdleTimeout(Duration udpFlowIdleTimeout) {
            this.udpFlowIdleTimeout = requirePositive(udpFlowIdleTimeout);
            return this;
        }

        /**
         * Sets what becomes of a local redirect without target process.
         *
         * @param incompleteLocalRedirect see {@link SimOptions#incompleteLocalRedirect}
         * @return this builder
         */
        public Builder incompleteLocalRedirect(IncompleteLocalRedirect incompleteLocalRedirect) {
            this.incompleteLocalRedirect = requireKnob(incompleteLocalRedirect, "incompleteLocalRedirect");
            return this;
        }

        /**
         * Sets when CONNECT_REDIRECT offers a record handle.
         *
         * @param recordHandlePresence see {@link SimOptions#recordHandlePresence}
         * @return this builder
         */
        public Builder recordHandlePresence(RecordHandlePresence recordHandlePresence) {
            this.recordHandlePresence = requireKnob(recordHandlePresence, "recordHandlePresence");
            return this;
        }

        /**
         * Sets what a block at a redirect layer does.
         *
         * @param redirectLayerBlock see {@link SimOptions#redirectLayerBlock}
         * @return this builder
         */
        public Builder redirectLayerBlock(RedirectLayerBlock redirectLayerBlock) {
            this.redirectLayerBlock = requireKnob(redirectLayerBlock, "redirectLayerBlock");
            return this;
        }

        /**
         * Sets what a changed local address at CONNECT_REDIRECT does.
         *
         * @param localAddressAtConnect see {@link SimOptions#localAddressAtConnect}
         * @return this builder
         */
        public Builder localAddressAtConnect(LocalAddressAtConnect localAddressAtConnect) {
            this.localAddressAtConnect = requireKnob(localAddressAtConnect, "localAddressAtConnect");
            return this;
        }

        /**
         * Sets which redirected connections are authorized twice.
         *
         * @param doubleAuthorization see {@link SimOptions#doubleAuthorization}
         * @return this builder
         */
        public Builder doubleAuthorization(DoubleAuthorization doubleAuthorization) {
            this.doubleAuthorization = requireKnob(doubleAuthorization, "doubleAuthorization");
            return this;
        }

        /**
         * Sets whether the record query of drivers takes a null count.
         *
         * @param nullBytesTransferred see {@link SimOptions#nullBytesTransferred}
         * @return this builder
         */
        public Builder nullBytesTransferred(NullBytesTransferred nullBytesTransferred) {
            this.nullBytesTransferred = requireKnob(nullBytesTransferred, "nullBytesTransferred");
            return this;
        }

        /**
         * Sets who runs the tasks of the dispatcher.
         *
         * @param dispatcher see {@link SimOptions#dispatcher}
         * @return this builder
         */
        public Builder dispatcher(DispatcherMode dispatcher) {
            this.dispatcher = requireKnob(dispatcher, "dispatcher");
            return this;
        }

        /**
         * Sets how many trace events are kept, 0 for none.
         *
         * @param traceCapacity see {@link SimOptions#traceCapacity}
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder traceCapacity(int traceCapacity) {
            this.traceCapacity = requireAtLeast(0, traceCapacity, "traceCapacity", "0 switches the trace off");
            return this;
        }

        /**
         * Sets the bytes that each direction of a connection can hold.
         *
         * @param streamBufferSize see {@link SimOptions#streamBufferSize}
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder streamBufferSize(int streamBufferSize) {
            this.streamBufferSize =
                    requireAtLeast(1, streamBufferSize, "streamBufferSize", "a stream needs room for a byte");
            return this;
        }

        /**
         * Makes the options.
         *
         * @return the options; the builder can be used on
         */
        public SimOptions build() {
            return new SimOptions(this);
        }

        private static <T> T requireKnob(T value, String knob) {
            return Objects.requireNonNull(value, () -> knob + " must not be null: leave it out for the default");
        }

        private static int requireAtLeast(int least, int value, String knob, String remedy) {
            if (value < least) {
                throw new IllegalArgumentException(knob + " must be at least " + least + ", " + remedy + ": " + value);
            }
            return value;
        }

        private static Irql requirePassiveOrDispatch(Irql value, String knob) {
            requireKnob(value, knob);
            if (value == Irql.APC_LEVEL) {
                throw new IllegalArgumentException(knob + " must be PASSIVE_LEVEL or DISPATCH_LEVEL: " + value);
            }
            return value;
        }

        private static Duration requirePositive(Duration value) {
            requireKnob(value, "udpFlowIdleTimeout");
            if (value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException(
                        "udpFlowIdleTimeout must be positive, use a long one for flows that stay: " + value);
            }
            return value;
        }

        private static void requireCompatible(WinsockErrors errors, NotFoundError notFound) {
            if (errors == WinsockErrors.OBSERVED && notFound == NotFoundError.ERROR_NOT_FOUND) {
                throw new IllegalArgumentException(
                        "notFoundError=ERROR_NOT_FOUND goes with winsockErrors=DOCUMENTED only: reset one of the two");
            }
        }
    }
}
