package io.github.wfpsim.model;

import io.github.wfpsim.host.Token;

/** The processes of the machine under test. */
enum Actor {
    /** Whose connections are redirected. */
    APP("C:\\Apps\\app.exe", Token.STANDARD_USER),
    /** The first vendor's proxy. */
    PROXY_A("C:\\A\\proxy.exe", Token.ELEVATED_ADMINISTRATOR),
    /** The second vendor's proxy, to which the first one's connections are redirected. */
    PROXY_B("C:\\B\\proxy.exe", Token.SYSTEM),
    /** Where the connections were meant to go. */
    SERVER("C:\\Apps\\server.exe", Token.STANDARD_USER);

    final String image;
    final Token token;

    Actor(String image, Token token) {
        this.image = image;
        this.token = token;
    }
}
