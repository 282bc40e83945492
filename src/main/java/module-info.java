/** Simulates the connection-redirect subsystem of the Windows Filtering Platform. */
module io.github.wfpsim {
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.github.wfpsim;
    exports io.github.wfpsim.abi;
    exports io.github.wfpsim.cmsg;
    exports io.github.wfpsim.driver;
    exports io.github.wfpsim.host;
    exports io.github.wfpsim.iphlp;
    exports io.github.wfpsim.irp;
    exports io.github.wfpsim.net;
    exports io.github.wfpsim.redirect;
    exports io.github.wfpsim.trace;
    exports io.github.wfpsim.verifier;
    exports io.github.wfpsim.wfp;
    exports io.github.wfpsim.winsock;
    exports io.github.wfpsim.wsk;
}
