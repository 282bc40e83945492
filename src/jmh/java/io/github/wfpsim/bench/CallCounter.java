package io.github.wfpsim.bench;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.MethodEntryEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.MethodEntryRequest;
import io.github.wfpsim.recorder.FaultRecorder;
import io.github.wfpsim.recorder.FaultScope;
import io.github.wfpsim.recorder.TraceRecorder;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts, with a debugger, how often one exchange calls each method of trace and verifier while nobody listens. No build
 * without them exists to compare with, and the debugger sees every call without a change to the library.
 */
final class CallCounter {

    /** The program that is watched: an exchange that makes things warm, and one that counts. */
    static final class Watched {

        private Watched() {}

        public static void main(String[] arguments) throws Exception {
            try (RedirectedMachine machine = new RedirectedMachine(0)) {
                RedirectedMachine.Lane lane = machine.lane();
                lane.exchange();
                begin();
                lane.exchange();
                end();
            }
        }

        private static void begin() {}

        private static void end() {}
    }

    private final Map<String, Integer> calls = new TreeMap<>();
    private boolean counting;

    private CallCounter() {}

    /** Calls of one exchange, by class and method, such as "TraceRecorder.isListening". */
    static Map<String, Integer> ofOneExchange() throws Exception {
        VirtualMachine machine = launch();
        for (Class<?> type :
                new Class<?>[] {Watched.class, TraceRecorder.class, FaultRecorder.class, FaultScope.class}) {
            MethodEntryRequest request = machine.eventRequestManager().createMethodEntryRequest();
            request.addClassFilter(type.getName());
            request.setSuspendPolicy(EventRequest.SUSPEND_NONE);
            request.enable();
        }
        CallCounter counter = new CallCounter();
        counter.listen(machine);
        return counter.calls;
    }

    private static VirtualMachine launch() throws Exception {
        LaunchingConnector connector = Bootstrap.virtualMachineManager().defaultConnector();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        arguments.get("main").setValue(Watched.class.getName());
        arguments.get("options").setValue("-cp \"" + System.getProperty("java.class.path") + "\"");
        return connector.launch(arguments);
    }

    private void listen(VirtualMachine machine) throws InterruptedException {
        try {
            boolean connected = true;
            while (connected) {
                EventSet events = machine.eventQueue().remove();
                for (Event event : events) {
                    if (event instanceof MethodEntryEvent entry) {
                        entered(entry.method());
                    }
                    connected &= !(event instanceof VMDisconnectEvent);
                }
                events.resume();
            }
        } catch (VMDisconnectedException ended) {
            return;
        }
    }

    private void entered(Method method) {
        String type = method.declaringType().name();
        if (type.equals(Watched.class.getName())) {
            counting =
                    method.name().equals("begin") || (counting && !method.name().equals("end"));
        } else if (counting) {
            calls.merge(type.substring(type.lastIndexOf('.') + 1) + "." + method.name(), 1, Integer::sum);
        }
    }
}
