package io.github.wfpsim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.wfpsim.abi.AddressFamily;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Socket addresses as bytes. */
class SockaddrTest {

    private static InetSocketAddress address(AddressFamily family) {
        return new InetSocketAddress(IpAddress.loopback(family), 0xABCD);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void address_isReadAsItWasWritten_andThePositionDoesNotMove(AddressFamily family) {
        ByteBuffer storage = ByteBuffer.allocate(256).position(128);
        storage.duplicate().put(Sockaddr.bytesOf(address(family)));

        assertThat(Sockaddr.addressIn(storage)).contains(address(family));
        assertThat(storage.position()).isEqualTo(128);
    }

    @ParameterizedTest
    @EnumSource(AddressFamily.class)
    void addressThatIsCut_isNone(AddressFamily family) {
        ByteBuffer bytes = Sockaddr.bytesOf(address(family));
        for (int size = 0; size < bytes.capacity(); size++) {
            assertThat(Sockaddr.addressIn(bytes.duplicate().limit(size))).isEmpty();
        }
    }

    @Test
    void structureOfAnotherFamily_isNone() {
        assertThat(Sockaddr.addressIn(ByteBuffer.allocate(Sockaddr.SIZE_OF_SOCKADDR_IN6)))
                .isEmpty();
    }

    @Test
    void addressThatIsNotResolved_hasNoBytes() {
        assertThat(catchThrowable(() -> Sockaddr.bytesOf(InetSocketAddress.createUnresolved("example", 80))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not resolved");
    }
}
