package io.github.wfpsim.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads addresses as people write them. Never looks a name up. */
final class AddressText {

    private static final int LONGEST = 60;
    private static final int HIGHEST_PORT = 65_535;
    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern V4 = Pattern.compile("(?:" + BYTE + "\\.){3}" + BYTE);
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern WITH_PORT =
            Pattern.compile("(?:\\[(?<v6>[^\\]]*)]|(?<v4>[^:\\[\\]]*)):(?<port>\\d{1,5})");
    private static final String EXAMPLES = "203.0.113.10:443 or [2001:db8::10]:443";

    private AddressText() {}

    static InetSocketAddress withPort(String text) {
        Objects.requireNonNull(text, "text must not be null: write " + EXAMPLES);
        Matcher parts = WITH_PORT.matcher(text);
        if (!parts.matches()) {
            throw wrong(
                    text,
                    V6.matcher(text).matches() ? "an IPv6 address needs brackets" : "it is no address with a port");
        }
        int port = Integer.parseInt(parts.group("port"));
        if (port > HIGHEST_PORT) {
            throw wrong(text, "ports end at " + HIGHEST_PORT);
        }
        String v6 = parts.group("v6");
        InetAddress host = v6 == null ? literal(parts.group("v4"), V4) : literal(v6, V6);
        if (host == null) {
            throw wrong(text, "its host is no IP address, and names are not looked up");
        }
        return new InetSocketAddress(host, port);
    }

    static InetAddress alone(String text) {
        Objects.requireNonNull(text, "text must not be null: write 203.0.113.10 or 2001:db8::10");
        InetAddress v4 = literal(text, V4);
        InetAddress address = v4 == null ? literal(text, V6) : v4;
        if (address == null) {
            throw new IllegalArgumentException(quoted(text)
                    + " is no IP address, and names are not looked up: write 203.0.113.10 or 2001:db8::10");
        }
        return address;
    }

    /** Null if the text is no address; only what looks like one is handed to Java, which looks up everything else. */
    private static @Nullable InetAddress literal(String text, Pattern shape) {
        try {
            return shape.matcher(text).matches() ? InetAddress.getByName(text) : null;
        } catch (UnknownHostException malformed) {
            return null;
        }
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException(quoted(text) + " cannot be used, " + why + ": write " + EXAMPLES);
    }

    private static String quoted(String text) {
        return "\"" + (text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text) + "\"";
    }
}
