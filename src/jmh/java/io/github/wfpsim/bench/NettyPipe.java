package io.github.wfpsim.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Connections over LocalChannel, one behind the other, with all ends on one event loop, which is what is fastest for Netty.
 * Each sender copies into a buffer and each receiver copies out of it, so that nobody sees bytes that another may change.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails is never received, so the benchmark does not end.
final class NettyPipe implements AutoCloseable {

    static final int MESSAGES = 100;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    private final Channel[] clients;
    private byte[] source = {};
    private byte[] target = {};
    private long received;
    private int left;
    private CompletableFuture<Long> done = new CompletableFuture<>();

    NettyPipe(int hops) throws InterruptedException {
        clients = new Channel[hops];
        for (int hop = 0; hop < hops; hop++) {
            clients[hop] = connected(hop);
        }
    }

    private Channel connected(int hop) throws InterruptedException {
        LocalAddress address = new LocalAddress(UUID.randomUUID().toString());
        new ServerBootstrap()
                .group(loop)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.pipeline().addLast(new Receiver(hop));
                    }
                })
                .bind(address)
                .sync();
        return new Bootstrap()
                .group(loop)
                .channel(LocalChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {}
                })
                .connect(address)
                .sync()
                .channel();
    }

    private final class Receiver extends SimpleChannelInboundHandler<ByteBuf> {

        private final int hop;

        Receiver(int hop) {
            this.hop = hop;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
            int count = message.readableBytes();
            message.readBytes(target, 0, count);
            if (hop + 1 < clients.length) {
                write(hop + 1, target);
                return;
            }
            received += count;
            left--;
            if (left == 0) {
                done.complete(received);
            } else {
                // A flush inside a flush is put off until the next one.
                context.executor().execute(() -> write(0, source));
            }
        }
    }

    private void write(int hop, byte[] bytes) {
        Channel client = clients[hop];
        client.writeAndFlush(client.alloc().buffer(bytes.length).writeBytes(bytes), client.voidPromise());
    }

    /** Sends messages one after another; the threads meet once. */
    long send(byte[] from, byte[] to) throws Exception {
        CompletableFuture<Long> ended = new CompletableFuture<>();
        loop.next().execute(() -> {
            source = from;
            target = to;
            left = MESSAGES;
            received = 0;
            done = ended;
            write(0, source);
        });
        return ended.get();
    }

    @Override
    public void close() throws InterruptedException {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
}
