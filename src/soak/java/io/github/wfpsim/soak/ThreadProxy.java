package io.github.wfpsim.soak;

import io.github.wfpsim.SimProcess;
import io.github.wfpsim.TcpProduct;
import io.github.wfpsim.abi.AddressFamily;
import io.github.wfpsim.redirect.OriginalDestination;
import io.github.wfpsim.winsock.SimSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;

/** A proxy whose threads wait: one accepts and relays one way, another relays the other way. */
final class ThreadProxy implements Proxy {

    private static final int RELAY_BYTES = 16_384;

    private final SimProcess process;
    private final SimSocket listener;
    private final int concurrency;
    private final LongFunction<Plan> plans;
    private final Tally tally;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> Soak.daemon("proxy", task));

    ThreadProxy(TcpProduct product, int concurrency, LongFunction<Plan> plans, Tally tally) {
        this.process = product.process();
        this.listener = product.listener();
        this.concurrency = concurrency;
        this.plans = plans;
        this.tally = tally;
    }

    @Override
    public void start() {
        for (int i = 0; i < concurrency; i++) {
            threads.execute(this::work);
        }
    }

    private void work() {
        while (true) {
            SimSocket client;
            try {
                client = listener.accept();
            } catch (IOException closed) {
                return;
            }
            serve(client);
        }
    }

    private void serve(SimSocket client) {
        try (SimSocket onward = process.winsock().tcpSocket(AddressFamily.AF_INET)) {
            onward.setRedirectRecords(client.queryRedirectRecords().orElseThrow());
            byte[] context = client.queryRedirectContext().orElseThrow();
            onward.connect(OriginalDestination.decode(context).remote());
            tally.inspected();
            Future<?> back = threads.submit(() -> relay(onward, client, false));
            relay(client, onward, true);
            back.get();
        } catch (IOException gone) {
            // The client went before it was served, which the tally learns from the two ends.
            client.abort();
        } catch (Exception unforeseen) {
            tally.complain("proxy: " + unforeseen);
        } finally {
            client.close();
        }
    }

    private void relay(SimSocket from, SimSocket to, boolean fromClient) {
        byte[] buffer = new byte[RELAY_BYTES];
        try {
            InputStream in = from.inputStream();
            OutputStream out = to.outputStream();
            boolean first = fromClient;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (first && Plan.isToBeAborted(ByteBuffer.wrap(buffer, 0, read), plans)) {
                    from.abort();
                    to.abort();
                    return;
                }
                first = false;
                out.write(buffer, 0, read);
            }
            to.shutdownOutput();
        } catch (IOException broken) {
            from.abort();
            to.abort();
        }
    }

    @Override
    public void close() {
        listener.close();
        threads.shutdownNow();
    }
}
