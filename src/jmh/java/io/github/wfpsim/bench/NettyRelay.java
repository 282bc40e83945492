package io.github.wfpsim.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;

/**
 * The same relay over LocalChannel: client, proxy and origin on one event loop, one exchange after another, so that the
 * threads meet once for many. Without redirection, records or contexts.
 */
final class NettyRelay implements AutoCloseable {

    static final int EXCHANGES = 100;

    private final EventLoopGroup loop = new DefaultEventLoopGroup(1);
    private final LocalAddress proxy = new LocalAddress("proxy");
    private final LocalAddress origin = new LocalAddress("origin");
    private final byte[] payload;
    private final byte[] room;
    private int left;
    private CompletableFuture<Integer> done = new CompletableFuture<>();

    NettyRelay(byte[] payload) throws InterruptedException {
        this.payload = payload;
        this.room = new byte[payload.length];
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

        private Channel onward;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(false);
            dialing(new Outbound(context.channel())).connect(origin).addListener(connected -> {
                onward = ((io.netty.channel.ChannelFuture) connected).channel();
                context.channel().config().setAutoRead(true);
            });
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            onward.writeAndFlush(copied(onward, message), onward.voidPromise());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            onward.close();
        }
    }

    /** The proxy's own connection. */
    private final class Outbound extends ChannelInboundHandlerAdapter {

        private final Channel inbound;

        Outbound(Channel inbound) {
            this.inbound = inbound;
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
            context.writeAndFlush(context.alloc().buffer(payload.length).writeBytes(payload), context.voidPromise());
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
        loop.shutdownGracefully().sync();
    }
}
