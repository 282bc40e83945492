package io.github.wfpsim.net;

import io.github.wfpsim.host.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One end of a connection's bytes, in both directions. Safe for use by many threads: reads are serialised, writes are
 * serialised, and both go on at the same time.
 */
public interface DuplexStream extends AutoCloseable {

    /**
     * Reads at least one byte, waiting for it.
     *
     * @param into where bytes go; its position moves
     * @param deadline when to give up
     * @return bytes read; -1 at the end of the stream; 0 only if the buffer has no room
     * @throws StreamResetException if the peer reset the connection
     * @throws StreamTimeoutException if the deadline passed
     * @throws java.nio.channels.ClosedChannelException if this end was closed or its input shut down
     * @throws IOException if a bridged connection fails
     * @throws InterruptedException if the thread was interrupted
     * @throws IllegalArgumentException if the buffer is read-only
     */
    int read(ByteBuffer into, Deadline deadline) throws IOException, InterruptedException;

    /**
     * Writes all bytes, waiting for room.
     *
     * @param from what to write; its position moves
     * @param deadline when to give up
     * @return bytes written, all of them
     * @throws StreamResetException if the peer reset the connection
     * @throws StreamTimeoutException if the deadline passed; tells how many bytes were written
     * @throws java.nio.channels.ClosedChannelException if this end was closed or its output shut down
     * @throws IOException if a bridged connection fails
     * @throws InterruptedException if the thread was interrupted
     */
    int write(ByteBuffer from, Deadline deadline) throws IOException, InterruptedException;

    /**
     * Reads what is there.
     *
     * @param into where bytes go; its position moves
     * @return bytes read; 0 if there are none yet; -1 at the end of the stream
     * @throws IOException as {@link #read}
     * @throws IllegalArgumentException if the buffer is read-only
     */
    int tryRead(ByteBuffer into) throws IOException;

    /**
     * Writes what fits.
     *
     * @param from what to write; its position moves
     * @return bytes written; 0 if there is no room now
     * @throws IOException as {@link #write}
     */
    int tryWrite(ByteBuffer from) throws IOException;

    /** {@return the number of bytes that can be read without waiting} */
    int available();

    /**
     * Calls somebody once, as soon as a read would not have to wait: bytes are there, or the input ended or failed.
     *
     * @param next what to call, on this thread if it may read already, else on the thread that brings it about; it must
     *     not block
     */
    void whenReadable(Runnable next);

    /**
     * Calls somebody once, as soon as a write would not have to wait: there is room, or the output ended or failed.
     *
     * @param next what to call, on this thread if it may write already, else on the thread that brings it about; it must
     *     not block
     */
    void whenWritable(Runnable next);

    /**
     * Calls somebody once, as soon as the peer has ended its output or the connection was reset, whether or not there are
     * bytes to read.
     *
     * @param next what to call, on this thread if it is so already, else on the thread that brings it about; it must not
     *     block. On a bridged connection it may be called for bytes that come instead
     * @return false, and nobody is called, on a bridged connection with unread bytes, which hide the end
     */
    boolean whenInputEnded(Runnable next);

    /** {@return whether a read would not have to wait: bytes are there, or the input ended or failed} */
    boolean isReadable();

    /** {@return whether a write would not have to wait: there is room, or the output ended or failed} */
    boolean isWritable();

    /**
     * {@return whether the peer has ended its output, so that nothing more will come} Bytes may still be there to be
     * read; on a bridged connection they hide the end.
     */
    boolean isInputEnded();

    /** Ends this end's output: the peer reads what is buffered and then the end of the stream. */
    void shutdownOutput();

    /** Ends this end's input: reads here fail, and bytes of the peer, unread or to come, reset the connection. */
    void shutdownInput();

    /** Ends both directions at once: the peer's calls fail even with bytes unread. */
    void reset();

    /** Ends both directions for both ends, as when the machine cuts a connection: the calls of either see a reset. */
    void cut();

    /** {@return whether both ends have ended their output and this end has read everything} */
    boolean isEnded();

    /** {@return whether either end reset the connection} */
    boolean isReset();

    /**
     * Closes this end: output ends as by {@link #shutdownOutput()}; bytes of the peer, unread or to come, reset the
     * connection.
     */
    @Override
    void close();
}
