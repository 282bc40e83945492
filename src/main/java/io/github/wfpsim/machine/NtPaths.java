package io.github.wfpsim.machine;

import io.github.wfpsim.host.SimOptions;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns the paths that programs know into those of devices, which application ids are made of. Immutable.
 *
 * <p>Source: FwpmGetAppIdFromFileName0; Filtering Condition Identifiers. Requirement: WFP-12.
 */
public final class NtPaths {

    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:[\\\\/].*", Pattern.DOTALL);
    private static final String DEVICE = "\\device\\";
    private static final String VOLUME = DEVICE + "harddiskvolume";
    private static final String SHARES = DEVICE + "mup\\";
    // The prefixes of the Win32 device namespace, which say nothing of the device.
    private static final List<String> NAMESPACES = List.of("\\\\?\\", "\\\\.\\");
    private static final String SHARE = "unc\\";

    private final SimOptions options;

    /**
     * Knows the volumes of one machine.
     *
     * @param options its options, which say which drive is which volume
     */
    public NtPaths(SimOptions options) {
        this.options = options;
    }

    /**
     * Tells the text of an application id.
     *
     * @param imagePath the path that a process was started with
     * @return the lower-case device path; System, and a name without a path, as they are, but for the case of the latter
     */
    public String appId(String imagePath) {
        String device = devicePath(imagePath);
        if (device != null) {
            return device;
        }
        return imagePath.equals(ProcessTable.SYSTEM_IMAGE) ? imagePath : imagePath.toLowerCase(Locale.ROOT);
    }

    /**
     * Finds the path of a file on its device.
     *
     * @param path a full path: of a drive, of a share, or of a device
     * @return the device path in lower case; null if the path is not full
     */
    public @Nullable String devicePath(String path) {
        boolean prefixed = NAMESPACES.stream().anyMatch(path::startsWith);
        String plain = prefixed ? path.substring(NAMESPACES.get(0).length()) : path;
        if (DRIVE.matcher(plain).matches()) {
            int volume = options.hardDiskVolume(plain.charAt(0));
            return VOLUME + volume + lower(plain.substring(2));
        }
        String lower = lower(plain);
        if (lower.startsWith(DEVICE)) {
            return lower;
        }
        String shares = prefixed ? SHARE : "\\\\";
        return lower.startsWith(shares) && lower.length() > shares.length()
                ? SHARES + lower.substring(shares.length())
                : null;
    }

    private static String lower(String path) {
        return path.replace('/', '\\').toLowerCase(Locale.ROOT);
    }
}
