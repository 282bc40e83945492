package io.github.wfpsim.trace;

/**
 * Why a datagram did not arrive. The sender hears of it only where that is said.
 *
 * <p>Source: UDP Packet Flows (SDK); decisions UDP-60 to UDP-63.
 */
public enum DropReason {
    /** A filter blocks the flow at its sender; the sender hears nothing by default (UDP-61). */
    BLOCKED_AT_SENDER("a filter blocks it before it leaves"),
    /** A filter blocks the flow at its receiver. */
    BLOCKED_AT_RECEIVER("a filter blocks it on arrival"),
    /** The redirect to an address of the machine lacks its target process or handle (WFP-50). */
    INCOMPLETE_REDIRECT("its redirect is incomplete, look for the fault INCOMPLETE_LOCAL_REDIRECT"),
    /** A send in non-blocking mode kept it and succeeded, and then its flow came to nothing (NBIO-14). */
    NEVER_LEFT("it was kept to be sent, and could not leave"),
    /** The peer of a redirected socket was left out of the call, under CONNECTED_UDP_REDIRECT_LOST (UDP-63). */
    CONNECTED_REDIRECT_LOST("it was sent without an address by a connected socket whose datagrams are redirected"),
    /** No socket is bound there; the sender's next receive tells, unless SIO_UDP_CONNRESET is off. */
    NOBODY_RECEIVES("no socket receives there"),
    /** The socket that is there has another peer; the sender's next receive tells. */
    OTHER_PEER("the socket there is connected to another peer"),
    /** What waits already fills SO_RCVBUF. */
    NO_ROOM("it does not fit into SO_RCVBUF of the receiver"),
    /** The receiving socket was closed before it was received. */
    RECEIVER_CLOSED("the receiving socket was closed"),
    /** A receive-from event callback that is never switched off did not take it. */
    CALLBACK_REFUSED("the receive-from event callback does not take it"),
    /** The receiving machine's network is off. */
    NETWORK_OFF("the network of the receiving machine is off"),
    /** Nobody on the network has the address; the send fails. */
    NO_ROUTE("nobody on the network has that address");

    private final String text;

    DropReason(String text) {
        this.text = text;
    }

    /** {@return the reason in words, the end of a sentence} */
    public String text() {
        return text;
    }
}
