package io.github.wfpsim.stack;

import io.github.wfpsim.abi.NtStatus;
import io.github.wfpsim.host.Token;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * How a bound socket shares its port with others: what it set of SO_REUSEADDR and SO_EXCLUSIVEADDRUSE when it was bound,
 * and under which account. {@link #against} is the page's tables.
 *
 * <p>Source: Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE (SDK). Requirements: WSA-62 to WSA-64, C-56.
 *
 * @param address the local address, IPv4 in its own form
 * @param dualStack whether an IPv6 wildcard has the port for IPv4 too
 * @param mode what the socket set
 * @param account whom the binding process acts for
 * @param holder the endpoint's handle
 */
record AddressUse(InetAddress address, boolean dualStack, Mode mode, Account account, long holder) {

    /** What a socket set before it was bound. */
    enum Mode {
        DEFAULT(0),
        REUSE(2),
        EXCLUSIVE(4);

        private final int firstPlace;

        Mode(int firstPlace) {
            this.firstPlace = firstPlace;
        }
    }

    /** Tokens of an administrator belong to one account, filtered or not. */
    enum Account {
        USER,
        ADMINISTRATOR,
        SYSTEM;

        static Account of(Token token) {
            return switch (token) {
                case STANDARD_USER -> USER;
                case FILTERED_ADMINISTRATOR, ELEVATED_ADMINISTRATOR -> ADMINISTRATOR;
                case SYSTEM -> SYSTEM;
            };
        }
    }

    /**
     * The tables of the page. Rows: the first bind, by mode, wildcard before specific address; columns: the second, in the
     * same way. s: it succeeds, i: the address is in use, a: access is denied.
     */
    private static final String[] SAME_ACCOUNT = {"isasis", "sisaii", "isssis", "sissii", "iaaaia", "sisaii"};

    private static final String[] OTHER_ACCOUNT = {"iaaaia", "sisaii", "iassia", "sissii", "iaaaia", "sisaii"};

    /** An address that only one socket can have, by one without options. */
    static AddressUse plain(InetAddress address) {
        return new AddressUse(address, false, Mode.DEFAULT, Account.USER, 0);
    }

    /**
     * Judges a bind to the same port after another one.
     *
     * @param first who has the port
     * @return STATUS_SUCCESS, STATUS_ADDRESS_ALREADY_EXISTS or STATUS_ACCESS_DENIED
     */
    NtStatus against(AddressUse first) {
        boolean wild = isWildcard();
        boolean meet = hasFamilyOf(first) && (wild || first.isWildcard() || address.equals(first.address));
        if (!meet) {
            return NtStatus.STATUS_SUCCESS;
        }
        // A dual-stack socket that wants both stacks alone is told so by the other stack's check.
        if (dualStack && mode == Mode.EXCLUSIVE && first.isV4()) {
            return NtStatus.STATUS_ACCESS_DENIED;
        }
        String row = (account == first.account ? SAME_ACCOUNT : OTHER_ACCOUNT)[first.place()];
        return switch (row.charAt(place())) {
            case 's' -> NtStatus.STATUS_SUCCESS;
            case 'a' -> NtStatus.STATUS_ACCESS_DENIED;
            default -> NtStatus.STATUS_ADDRESS_ALREADY_EXISTS;
        };
    }

    private int place() {
        return mode.firstPlace + (isWildcard() ? 0 : 1);
    }

    private boolean isWildcard() {
        return address.isAnyLocalAddress();
    }

    private boolean isV4() {
        return address instanceof Inet4Address;
    }

    private boolean hasFamilyOf(AddressUse other) {
        return isV4() == other.isV4() || (dualStack && other.isV4()) || (other.dualStack && isV4());
    }
}
