package io.github.wfpsim;

/** Code of a proxy, which a product runs on a thread of its own. */
@FunctionalInterface
public interface ProxyCode {

    /**
     * Runs until there is nothing more to do.
     *
     * @throws Exception to fail; the product tells it when it closes
     */
    void run() throws Exception;
}
