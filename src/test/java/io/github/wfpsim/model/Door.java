package io.github.wfpsim.model;

import java.util.List;

/**
 * The calls that a sequence is made of, as the machine answers them and as the model does. Sockets, records and OVERLAPPED
 * structures have numbers that the sequence gives them; a number that nothing was given to is INVALID_SOCKET, an empty
 * record, a structure without call.
 *
 * <p>Answers are 0 or a count, or the name of the last error; whatever else the call did follows. The model answers null
 * if the call would wait, or where no document says what comes.
 */
interface Door extends AutoCloseable {

    /** What is asked for. */
    enum Query {
        RECORDS,
        CONTEXT
    }

    String socket(Actor caller, int socket, Kind kind);

    String bind(Actor caller, int socket, Place name);

    String listen(Actor caller, int socket, int backlog);

    String connect(Actor caller, int socket, Place name);

    /** Answers the address of the peer. */
    String accept(Actor caller, int listener, int accepted);

    String shutdown(Actor caller, int socket, int how);

    String closesocket(Actor caller, int socket);

    /** Sends one letter, many times. */
    String send(Actor caller, int socket, int count, int flags);

    /** Answers the bytes. */
    String recv(Actor caller, int socket, int room);

    String fionbio(Actor caller, int socket, boolean on);

    String lingerForNoTime(Actor caller, int socket, boolean on);

    String getsockname(Actor caller, int socket);

    String getpeername(Actor caller, int socket);

    /** Answers count and bytes; keeps a record under a number. */
    String query(Actor caller, int socket, Query what, Room room, int record);

    String set(Actor caller, int socket, int record, Blob blob, Input input);

    /** Starts an overlapped query. */
    String begin(Actor caller, int socket, Query what, Room room, int overlapped, int record);

    /** Starts an overlapped SET. */
    String beginSet(Actor caller, int socket, int record, Blob blob, int overlapped);

    /** WSAGetOverlappedResult, without waiting. */
    String result(Actor caller, int socket, int overlapped);

    /** Does what the machine does in the background. */
    String pump();

    String wsaStartup(Actor caller);

    String wsaCleanup(Actor caller);

    String elevate(Actor process, boolean elevated);

    String network(boolean up);

    String kill(Actor process);

    /** Every endpoint, and what the drivers hold of its contexts. */
    List<String> table();

    /** Ends everything; what is left, or was wrong. */
    List<String> tearDown();

    @Override
    void close();
}
