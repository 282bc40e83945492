package io.github.wfpsim.machine;

import io.github.wfpsim.abi.FwpByteBlob;
import io.github.wfpsim.host.Token;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A simulated process: an id, an image, a token that a test may change, perhaps an AppContainer package.
 *
 * <p>Made by {@link ProcessTable#start}. Identity counts, not the id: ids are not reused within a run, but two hosts
 * use the same ones.
 *
 * <p>Requirements: WFP-11, WFP-12, WFP-13, REC-35, REC-37.
 */
public final class ProcessEntry {

    private final int id;
    private final Image image;
    private final @Nullable String packageSid;
    private final AtomicBoolean alive = new AtomicBoolean(true);

    private volatile Token token;

    ProcessEntry(int id, Image image, Token token, @Nullable String packageSid) {
        this.id = id;
        this.image = image;
        this.token = token;
        this.packageSid = packageSid;
    }

    /** {@return the process id, a multiple of four; 4 for System} */
    public int id() {
        return id;
    }

    /** {@return the path of the image as it was given} */
    public String imagePath() {
        return image.path();
    }

    /** {@return the text of the application id that the filtering platform sees, ALE_APP_ID: a lower-case device path} */
    public String appId() {
        return image.appId();
    }

    /** {@return the application id as the filtering platform keeps it: its text in UTF-16 with a terminating null} */
    public FwpByteBlob appIdBlob() {
        return image.appIdBlob();
    }

    /** {@return the last part of the image path, for messages} */
    public String imageName() {
        return image.name();
    }

    /** {@return the token as it is now} */
    public Token token() {
        return token;
    }

    /**
     * Replaces the token; checks that come later see the new one.
     *
     * @param token the new token
     */
    public void setToken(Token token) {
        this.token = Objects.requireNonNull(token, "token must not be null: use STANDARD_USER for no special rights");
    }

    /**
     * {@return the SID of the AppContainer package in text form, ALE_PACKAGE_ID; null if the process runs in no
     * AppContainer}
     */
    public @Nullable String packageSid() {
        return packageSid;
    }

    /** {@return whether the process has not ended yet by {@link ProcessTable#end}} */
    public boolean isAlive() {
        return alive.get();
    }

    /** Marks the process as ended; true for the one call that did it. */
    boolean markEnded() {
        return alive.compareAndSet(true, false);
    }

    @Override
    public String toString() {
        return image.name() + "(" + id + ")";
    }
}
