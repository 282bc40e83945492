package io.github.wfpsim.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The same relay over LocalChannel: client, proxy and origin on one event loop, one exchange after another, so that the
 * threads meet once for many. Each of the four ends copies what it reads and what it writes, and all four are closed before
 * the next client connects. Without redirection, records or contexts.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What fails has no next step, so the benchmark does not end.
final class NettyRelay implements AutoCloseable {

    static final int EXCHANGES = 100;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    private final LocalAddress proxy = new LocalAddress(UUID.randomUUID().toString());
    private final LocalAddress origin = new LocalAddress(UUID.randomUUID().toString());
    private final byte[] payload = new byte[RedirectedMachine.PAYLOAD_BYTES];
    private final byte[] room = new byte[RedirectedMachine.PAYLOAD_BYTES];
    private final boolean sending;
    private @Nullable Channel client;
    private int left;
    private CompletableFuture<Integer> done = new CompletableFuture<>();

    /** A relay whose clients send, or only connect and close. */
    NettyRelay(boolean sending) throws InterruptedException {
        this.sending = sending;
        listen(proxy, () -> new Inbound());
        listen(origin, () -> new Echo());
    }

    private void listen(LocalAddress address, java.util.function.Supplier<ChannelHandler> handler)
            throws InterruptedException {
        new ServerBootstrap()
                .group(loop)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.pipeline().addLast(handler.get());
                    }
                })
                .bind(address)
                .sync();
    }

    private Bootstrap dialing(ChannelHandler handler) {
        return new Bootstrap().group(loop).channel(LocalChannel.class).handler(handler);
    }

    private ByteBuf copied(Channel channel, Object message) {
        ByteBuf from = (ByteBuf) message;
        int count = from.readableBytes();
        from.readBytes(room, 0, count);
        from.release();
        return channel.alloc().buffer(count).writeBytes(room, 0, count);
    }

    /** The proxy's end of the client's connection. */
    private final class Inbound extends ChannelInboundHandlerAdapter {

        private @Nullable Channel onward;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(false);
            ChannelFuture dialed = dialing(new Outbound(context.channel())).connect(origin);
            onward = dialed.channel();
            dialed.addListener(connected -> context.channel().config().setAutoRead(true));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            Channel to = Objects.requireNonNull(onward);
            to.writeAndFlush(copied(to, message), to.voidPromise());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            Objects.requireNonNull(onward).close();
        }
    }

    /** The proxy's own connection. */
    private final class Outbound extends ChannelInboundHandlerAdapter {

        private final Channel inbound;

        Outbound(Channel inbound) {
            this.inbound = inbound;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (!sending) {
                Objects.requireNonNull(client).close();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            inbound.writeAndFlush(copied(inbound, message), inbound.voidPromise());
        }
    }

    /** The server. */
    private final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(copied(context.channel(), message), context.voidPromise());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            next();
        }
    }

    /** The client. */
    private final class Client extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            client = context.channel();
            if (sending) {
                context.writeAndFlush(
                        context.alloc().buffer(payload.length).writeBytes(payload), context.voidPromise());
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ((ByteBuf) message).readBytes(room, 0, ((ByteBuf) message).readableBytes());
            ReferenceCountUtil.release(message);
            context.close();
        }
    }

    /** Called when the origin's end is closed, which is the last. */
    private void next() {
        if (left == 0) {
            done.complete(EXCHANGES);
        } else {
            left--;
            dialing(new Client()).connect(proxy);
        }
    }

    int exchanges() throws Exception {
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        loop.next().execute(() -> {
            left = EXCHANGES;
            done = ended;
            next();
        });
        return ended.get();
    }

    @Override
    public void close() throws InterruptedException {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
}
