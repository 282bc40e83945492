package io.github.wfpsim.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import java.util.concurrent.CompletableFuture;

/** A connection over LocalChannel, with both ends on one event loop, which is what is fastest for Netty. */
final class NettyPipe implements AutoCloseable {

    static final int MESSAGES = 100;

    private final EventLoopGroup loop = new DefaultEventLoopGroup(1);
    private final Channel client;
    private byte[] source = {};
    private byte[] target = {};
    private long received;
    private int left;
    private CompletableFuture<Long> done = new CompletableFuture<>();

    NettyPipe() throws InterruptedException {
        LocalAddress address = new LocalAddress("stream");
        new ServerBootstrap()
                .group(loop)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.pipeline().addLast(new Receiver());
                    }
                })
                .bind(address)
                .sync();
        client = new Bootstrap()
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
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
            int count = message.readableBytes();
            message.readBytes(target, 0, count);
            received += count;
            left--;
            if (left == 0) {
                done.complete(received);
            } else {
                // A flush inside a flush is put off until the next one.
                context.executor().execute(NettyPipe.this::write);
            }
        }
    }

    private void write() {
        ByteBuf copy = client.alloc().buffer(source.length).writeBytes(source);
        client.writeAndFlush(copy, client.voidPromise());
    }

    /** Sends messages one after another; the threads meet once. */
    long send(byte[] from, byte[] to) throws Exception {
        CompletableFuture<Long> ended = new CompletableFuture<>();
        client.eventLoop().execute(() -> {
            source = from;
            target = to;
            left = MESSAGES;
            received = 0;
            done = ended;
            write();
        });
        return ended.get();
    }

    @Override
    public void close() throws InterruptedException {
        loop.shutdownGracefully().sync();
    }
}
