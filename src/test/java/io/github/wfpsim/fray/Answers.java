package io.github.wfpsim.fray;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/**
 * What a public call may answer that meets another one on the same object: the one place for it. Stories of profile fray
 * hold their outcomes against it, and the page on concurrency lists it.
 */
@SuppressWarnings("ImmutableEnumChecker") // The lists are unmodifiable.
enum Answers {
    BIND(
            calls("Winsock.bind"),
            "another thread takes the port",
            answers("success", "WSAEADDRINUSE"),
            "ConnectSchedules.twoBinds_oneHasThePort"),
    CONNECT_CLOSED(
            calls("Winsock.connect", "Winsock.wsaConnect"),
            "the socket is closed",
            answers("success", "WSAEINTR", "WSAENOTSOCK"),
            "ConnectSchedules.close_endsIt"),
    CONNECT_PROCESS_ENDED(
            calls("Winsock.connect", "Winsock.wsaConnect"),
            "the process ends",
            answers("success", "WSAEINTR", "WSAENOTSOCK", "WSANOTINITIALISED"),
            "ConnectSchedules.endOfTheProcess_endsIt"),
    CONNECT_LISTENER_CLOSED(
            calls("Winsock.connect", "Winsock.wsaConnect"),
            "the listener is closed",
            answers("success", "WSAECONNREFUSED"),
            "WskEventSchedules.close_meetsInspectEvent"),
    CONNECT_BLOCKED(
            calls("Winsock.connect", "Winsock.wsaConnect"),
            "a filter that blocks it is added",
            answers("success", "WSAEACCES"),
            "PolicySchedules.filter_blocksOrCutsAConnect"),
    CONNECT_UNLOADED(
            calls("Winsock.connect", "Winsock.wsaConnect"),
            "the driver unloads whose callout is asked or has pended it",
            answers("success", "WSAEACCES"),
            "PendSchedules.unload_letsGoOfWhatIsPended"),
    CONNECT_MACHINE_CLOSED(
            calls("Winsock.connect", "Winsock.wsaConnect"),
            "the machine closes while it is pended",
            answers("WSAEINTR"),
            "PendSchedules.closeOfTheMachine_endsWhatIsPended"),
    CONNECTEX_CLOSED(
            calls("OverlappedWinsock.connectEx"),
            "the socket is closed",
            answers("WSA_IO_PENDING", "WSA_OPERATION_ABORTED", "WSAENOTSOCK"),
            "ConnectSchedules.close_endsConnectEx"),
    LISTEN_CLOSED(
            calls("Winsock.listen"),
            "the socket is closed",
            answers("success", "WSAEINTR", "WSAENOTSOCK"),
            "AcceptSchedules.close_endsListen"),
    ACCEPT_CLOSED(
            calls("Winsock.accept"),
            "the listener is closed",
            answers("WSAEINTR", "WSAENOTSOCK"),
            "AcceptSchedules.close_endsIt"),
    ACCEPT_PROCESS_ENDED(
            calls("Winsock.accept"),
            "the process ends, or calls WSACleanup",
            answers("WSAEINTR", "WSAENOTSOCK", "WSANOTINITIALISED"),
            "AcceptSchedules.endOfTheProcess_endsIt"),
    ACCEPTEX_CLOSED(
            calls("OverlappedWinsock.acceptEx"),
            "the listener is closed",
            answers("WSA_IO_PENDING", "WSA_OPERATION_ABORTED", "WSAENOTSOCK"),
            "AcceptSchedules.closeOfTheListener_endsAcceptEx"),
    SELECT_CLOSED(
            calls("Winsock.select"),
            "a socket of its sets is closed",
            answers("WSAENOTSOCK"),
            "AcceptSchedules.close_endsSelect"),
    RECEIVE_CLOSED(
            calls("Winsock.recv", "Winsock.recvfrom"),
            "the socket is closed",
            answers("WSAEINTR", "WSAENOTSOCK"),
            "StreamSchedules.close_endsReceive"),
    RECEIVE_PROCESS_ENDED(
            calls("Winsock.recv", "Winsock.recvfrom"),
            "the process ends",
            answers("WSAEINTR", "WSAENOTSOCK", "WSANOTINITIALISED"),
            "StreamSchedules.endOfTheProcess_endsReceive"),
    RECEIVE_RESET(
            calls("Winsock.recv", "Winsock.recvfrom"),
            "the peer resets the connection",
            answers("WSAECONNRESET"),
            "StreamSchedules.resetByThePeer_endsReceive"),
    RECEIVE_CUT(
            calls("Winsock.recv", "Winsock.recvfrom"),
            "a filter that blocks the connection is added",
            answers("WSAECONNRESET"),
            "PolicySchedules.filter_cutsAConnectionUnderAReceive"),
    RECEIVE_NETWORK_CLOSED(
            calls("Winsock.recv", "Winsock.recvfrom"),
            "the network closes",
            answers("success", "WSAECONNRESET"),
            "StreamSchedules.closeByTheNetwork_endsReceive"),
    SEND_CLOSED(
            calls("Winsock.send", "Winsock.sendto"),
            "the socket is closed while it waits for room",
            answers("WSAEINTR", "WSAENOTSOCK"),
            "StreamSchedules.close_endsSendThatWaitsForRoom"),
    SEND_SHUT_DOWN(
            calls("Winsock.send", "Winsock.sendto"),
            "another thread shuts the direction down",
            answers("success", "WSAESHUTDOWN"),
            "StreamSchedules.shutdown_meetsSend"),
    SHUTDOWN_CLOSED(
            calls("Winsock.shutdown", "Winsock.getsockname", "Winsock.getpeername"),
            "the socket is closed",
            answers("success", "WSAEINTR", "WSAENOTSOCK"),
            "StreamSchedules.close_endsShutdownAndTheNames"),
    DATAGRAM_SENT_CLOSED(
            calls("Winsock.send", "Winsock.sendto", "Winsock.wsaSendMsg"),
            "the datagram socket is closed",
            answers("success", "WSAEINTR", "WSAENOTSOCK"),
            "DatagramSchedules.close_endsSend"),
    DATAGRAM_SENT_PROCESS_ENDED(
            calls("Winsock.send", "Winsock.sendto", "Winsock.wsaSendMsg"),
            "the process ends",
            answers("success", "WSAEINTR", "WSAENOTSOCK", "WSANOTINITIALISED"),
            "DatagramSchedules.endOfTheProcess_endsSend"),
    DATAGRAM_RECEIVED_CLOSED(
            calls("Winsock.recv", "Winsock.recvfrom"),
            "the datagram socket is closed",
            answers("WSAEINTR", "WSAENOTSOCK"),
            "DatagramSchedules.close_endsReceive"),
    DATAGRAM_CONNECT_CLOSED(
            calls("Winsock.connect", "Winsock.wsaConnect"),
            "the datagram socket is closed",
            answers("success", "WSAEINTR", "WSAENOTSOCK"),
            "DatagramSchedules.close_endsConnect"),
    OVERLAPPED_CLOSED(
            calls(
                    "OverlappedWinsock.wsaRecv",
                    "OverlappedWinsock.wsaSend",
                    "OverlappedWinsock.wsaRecvFrom",
                    "OverlappedWinsock.wsaSendTo",
                    "OverlappedWinsock.wsaSendMsg"),
            "the socket is closed after it has pended",
            answers("NO_ERROR", "WSA_OPERATION_ABORTED"),
            "OverlappedSchedules.closeOfTheSocket_meetsData"),
    RESULT_CLOSED(
            calls("OverlappedWinsock.wsaGetOverlappedResult"),
            "the socket is closed",
            answers("success", "WSA_OPERATION_ABORTED", "WSAENOTSOCK"),
            "OverlappedSchedules.result_isKnownWhenTheWaitEnds"),
    PORT_CLOSED(
            calls("Kernel32.getQueuedCompletionStatus", "Kernel32.getQueuedCompletionStatusEx"),
            "the port is closed",
            answers("ERROR_ABANDONED_WAIT_0", "WSA_INVALID_HANDLE"),
            "OverlappedSchedules.closeOfThePort_endsTheWait"),
    EVENT_CLOSED(
            calls("Kernel32.wsaWaitForMultipleEvents"),
            "an event is closed",
            answers("WSA_INVALID_HANDLE"),
            "OverlappedSchedules.closeOfTheEvent_endsTheWait"),
    QUERY_CLOSED(
            calls("Winsock.wsaIoctl", "Winsock.wspIoctl"),
            "the socket is closed under a query",
            answers("success", "WSAEINTR", "WSAENOTSOCK"),
            "RedirectSchedules.close_endsTheQuery"),
    SET_CONNECTING(
            calls("Winsock.wsaIoctl", "Winsock.wspIoctl"),
            "another thread connects the socket under a SET",
            answers("success", "WSAEINVAL"),
            "RedirectSchedules.set_isThereForTheConnect_orTooLate"),
    QUERY_MACHINE_CLOSED(
            calls("OverlappedWinsock.wsaIoctl", "OverlappedWinsock.wspIoctl"),
            "the machine closes",
            answers("completes"),
            "OverlappedCloseSchedules.query_completes"),
    WSK_RECEIVE_CLOSED(
            calls("WskConnectionSocket.wskReceive", "WskConnectionSocket.wskSend", "WskConnectionSocket.wskDisconnect"),
            "the socket is closed",
            answers("STATUS_SUCCESS", "STATUS_CANCELLED"),
            "WskSchedules.close_completesAfterAReceiveThatHasData"),
    WSK_RECEIVE_CANCELLED(
            calls("WskConnectionSocket.wskReceive"),
            "the IRP is cancelled",
            answers("STATUS_CANCELLED"),
            "WskSchedules.close_completesAfterAReceiveThatIsCancelled"),
    WSK_ACCEPT_CLOSED(
            calls("WskListenSocket.wskAccept"),
            "the socket is closed",
            answers("STATUS_SUCCESS", "STATUS_CANCELLED"),
            "WskSchedules.close_completesAfterAnAcceptThatHasAConnection"),
    WSK_CONNECT_CLOSED(
            calls(
                    "WskConnectionSocket.wskConnect",
                    "WskProviderNpi.wskSocketConnect",
                    "WskListenSocket.wskBind",
                    "WskConnectionSocket.wskBind",
                    "WskDatagramSocket.wskBind",
                    "WskStreamSocket.wskBind",
                    "WskStreamSocket.wskListen"),
            "the socket is closed",
            answers("STATUS_SUCCESS", "STATUS_CANCELLED"),
            "WskSchedules.close_completesAfterAConnect"),
    WSK_DATAGRAM_CANCELLED(
            calls("WskDatagramSocket.wskReceiveFrom", "WskDatagramSocket.wskSendTo"),
            "the IRP is cancelled",
            answers("STATUS_SUCCESS", "STATUS_CANCELLED"),
            "WskSchedules.datagramIsReceivedOnce_whoeverCancels"),
    WSK_CLOSE(
            calls("WskSocket.wskCloseSocket"),
            "a request of the socket is cancelled or ends",
            answers("STATUS_SUCCESS"),
            "WskSchedules.close_completesAfterAReceiveThatHasData_inline"),
    WSK_CAPTURE_DEREGISTERED(
            calls("Wsk.wskCaptureProviderNpi"),
            "the registration is deregistered",
            answers("STATUS_DEVICE_NOT_READY"),
            "WskSchedules.deregister_endsTheWaitOfACapture"),
    WSK_DEREGISTERED(
            calls("Wsk.wskDeregister"),
            "a socket closes",
            answers("returns after it"),
            "WskSchedules.deregister_waitsForTheCloseOfTheSocket"),
    ASSOCIATE_UNREGISTERED(
            calls("Fwps.fwpsFlowAssociateContext0"),
            "the callout is unregistered",
            answers("STATUS_SUCCESS", "STATUS_FWP_CALLOUT_NOT_FOUND"),
            "FlowContextSchedules.unregister_meetsAssociate"),
    ASSOCIATE_FLOW_ENDED(
            calls("Fwps.fwpsFlowAssociateContext0"),
            "the flow ends",
            answers("STATUS_SUCCESS", "STATUS_INVALID_PARAMETER"),
            "FlowContextSchedules.endOfTheFlow_meetsAssociate"),
    REMOVE_FLOW_ENDED(
            calls("Fwps.fwpsFlowRemoveContext0"),
            "the flow ends",
            answers("STATUS_SUCCESS", "STATUS_UNSUCCESSFUL"),
            "FlowContextSchedules.endOfTheFlow_meetsRemove"),
    UNREGISTER_ASSOCIATED(
            calls("Fwps.fwpsCalloutUnregisterById0", "Fwps.fwpsCalloutUnregisterByKey0"),
            "another thread ties a context",
            answers("STATUS_SUCCESS", "STATUS_DEVICE_BUSY"),
            "FlowContextSchedules.unregister_meetsAssociate");

    private final List<String> calls;
    private final String when;
    private final List<String> answers;
    private final String story;

    Answers(List<String> calls, String when, List<String> answers, String story) {
        this.calls = calls;
        this.when = when;
        this.answers = answers;
        this.story = story;
    }

    private static List<String> calls(String... names) {
        return List.of(names);
    }

    private static List<String> answers(String... names) {
        return List.of(names);
    }

    /** Fails if the answer is none of those that the row lists. */
    void allow(String answer) {
        assertThat(answers).as(name()).contains(answer);
    }

    void allow(Enum<?> status) {
        allow(status.name());
    }

    List<String> calls() {
        return calls;
    }

    /** Class and method of the story, such as {@code ConnectSchedules.close_endsIt}. */
    String story() {
        return story;
    }

    /** The row of the page. */
    String row() {
        return "| " + code(calls) + " | " + when + " | " + code(answers) + " | `" + story + "` |";
    }

    private static String code(List<String> names) {
        return "`" + String.join("`, `", names) + "`";
    }
}
