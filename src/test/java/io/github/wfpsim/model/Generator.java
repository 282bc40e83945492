package io.github.wfpsim.model;

import io.github.wfpsim.model.Door.Query;
import io.github.wfpsim.model.ModelSocket.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Draws sequences from a seed. Most steps make sense in the state that the model is in, so that connections come about;
 * the others are any call with any arguments.
 */
final class Generator {

    private static final int LEAST_STEPS = 10;
    private static final int MORE_STEPS = 60;
    private static final int MOST_SOCKETS = 8;

    private final Random random;
    private final Model model = new Model();
    private final List<Step> steps = new ArrayList<>();
    private int next;

    private Generator(long seed) {
        this.random = new Random(seed);
    }

    static List<Step> sequence(long seed) {
        Generator generator = new Generator(seed);
        generator.prepare();
        int bound = generator.steps.size() + LEAST_STEPS + generator.random.nextInt(MORE_STEPS);
        while (generator.steps.size() < bound) {
            generator.more();
        }
        return List.copyOf(generator.steps);
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private <T> T one(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    @SafeVarargs
    private final <T> T one(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private void add(Step step) {
        steps.add(step);
        step.on(model);
    }

    // ---- listeners, mostly

    private void prepare() {
        if (chance(90)) {
            listener(Actor.PROXY_A, Place.A);
        }
        if (chance(85)) {
            listener(Actor.PROXY_B, Place.B);
        }
        if (chance(85)) {
            listener(Actor.SERVER, one(Place.ORIGIN_80, Place.ANY_80));
        }
        if (chance(50)) {
            listener(Actor.SERVER, one(Place.ORIGIN_84, Place.ANY_84));
        }
    }

    private void listener(Actor owner, Place place) {
        int socket = next++;
        add(Step.of("socket", owner, socket, one(Kind.TCP, Kind.TCP, Kind.TCP_WAITING)));
        add(Step.of("bind", owner, socket, place));
        add(Step.of("listen", owner, socket, one(0, 1, 2, 5)));
        if (chance(30)) {
            add(Step.of("fionbio", owner, socket, true));
        }
    }

    private void more() {
        if (chance(15)) {
            add(any());
        } else if (!model.calls().isEmpty() && chance(5)) {
            outcome();
        } else if (chance(40)) {
            relay(one(Actor.PROXY_A, Actor.PROXY_A, Actor.PROXY_B, Actor.SERVER));
        } else {
            add(sensible());
        }
    }

    /** How an overlapped call ended, often after its socket was closed. */
    private void outcome() {
        int overlapped = one(model.calls());
        Actor caller = model.callerOf(overlapped);
        List<Integer> sockets = model.socketsOf(caller);
        if (sockets.size() > 1 && chance(40)) {
            add(Step.of("closesocket", caller, sockets.get(sockets.size() - 1)));
        }
        if (!sockets.isEmpty()) {
            add(Step.of("result", caller, sockets.get(0), overlapped));
        }
    }

    // ---- what a proxy does, more or less

    private void relay(Actor actor) {
        for (int listener : model.socketsOf(actor)) {
            if (!model.find(actor, listener).waiting.isEmpty()) {
                int accepted = next++;
                add(Step.of("accept", actor, listener, accepted));
                if (chance(80)) {
                    add(Step.of("query", actor, accepted, Query.RECORDS, Room.LARGE, next++));
                }
                return;
            }
        }
        int onward = next++;
        add(Step.of("socket", actor, onward, chance(80) ? Kind.TCP : Kind.TCP_WAITING));
        if (actor != Actor.SERVER && !model.records().isEmpty() && chance(75)) {
            List<Integer> records = model.records();
            int record = chance(70) ? records.get(records.size() - 1) : one(records);
            add(
                    chance(80)
                            ? Step.of("set", actor, onward, record, blob(), Input.SOUND)
                            : Step.of("beginSet", actor, onward, record, blob(), next++));
            if (chance(40)) {
                add(Step.of("pump"));
            }
        }
        if (chance(15)) {
            add(Step.of("bind", actor, onward, one(Place.values())));
        }
        if (chance(80)) {
            add(Step.of("connect", actor, onward, chance(60) ? Place.ORIGIN_80 : one(DESTINATIONS)));
        }
    }

    // ---- what makes sense

    private Step sensible() {
        if (chance(3)) {
            return rare();
        }
        Actor actor = chance(40) ? Actor.APP : one(Actor.values());
        List<Integer> sockets = model.socketsOf(actor);
        if (sockets.isEmpty() || (sockets.size() < MOST_SOCKETS && chance(15))) {
            return Step.of("socket", actor, next++, chance(90) ? one(Kind.TCP, Kind.TCP_WAITING) : Kind.UDP);
        }
        int socket = one(sockets);
        State state = model.find(actor, socket).state;
        return switch (state) {
            case OPEN -> open(actor, socket);
            case BOUND -> bound(actor, socket);
            case LISTENING ->
                chance(90) ? Step.of("accept", actor, socket, next++) : Step.of("closesocket", actor, socket);
            case CONNECTED -> connected(actor, socket);
        };
    }

    private static final Place[] DESTINATIONS = {
        Place.ORIGIN_80, Place.ORIGIN_80, Place.ORIGIN_80, Place.ORIGIN_80, Place.ORIGIN_81, Place.ORIGIN_82,
        Place.ORIGIN_82, Place.ORIGIN_83, Place.ORIGIN_84, Place.ORIGIN_84, Place.FOREIGN_80, Place.FOREIGN_84,
        Place.A, Place.B
    };

    private Step open(Actor actor, int socket) {
        boolean isProxy = actor == Actor.PROXY_A || actor == Actor.PROXY_B;
        if (isProxy && !model.records().isEmpty() && chance(50)) {
            return Step.of(
                    "set", actor, socket, one(model.records()), blob(), chance(90) ? Input.SOUND : one(Input.values()));
        }
        if (chance(20)) {
            return Step.of("bind", actor, socket, one(Place.values()));
        }
        return Step.of("connect", actor, socket, one(DESTINATIONS));
    }

    private Step bound(Actor actor, int socket) {
        if (!model.records().isEmpty() && chance(15)) {
            return Step.of("set", actor, socket, one(model.records()), blob(), Input.SOUND);
        }
        return chance(20)
                ? Step.of("listen", actor, socket, one(0, 1, 2))
                : Step.of("connect", actor, socket, one(DESTINATIONS));
    }

    private Blob blob() {
        return chance(75) ? Blob.INTACT : one(Blob.values());
    }

    private Step connected(Actor actor, int socket) {
        ModelStream stream = model.find(actor, socket).stream;
        if (stream.hasUnread() && chance(60)) {
            return chance(75)
                    ? Step.of("recv", actor, socket, 1 + random.nextInt(Redirects.WINDOW))
                    : Step.of("closesocket", actor, socket);
        }
        if (stream.isReset() && chance(50)) {
            return chance(50) ? Step.of("recv", actor, socket, 1) : Step.of("send", actor, socket, 1, 0);
        }
        if (!model.calls().isEmpty() && chance(15)) {
            return chance(30) ? Step.of("pump") : Step.of("result", actor, socket, one(model.calls()));
        }
        return switch (random.nextInt(13)) {
            case 0, 1, 2 -> Step.of("query", actor, socket, Query.RECORDS, room(), next++);
            case 3 -> Step.of("query", actor, socket, Query.CONTEXT, room(), next++);
            case 4, 5 -> Step.of("send", actor, socket, random.nextInt(Redirects.WINDOW + 5), 0);
            case 6, 7 -> Step.of("recv", actor, socket, 1 + random.nextInt(Redirects.WINDOW));
            case 8 -> Step.of("shutdown", actor, socket, random.nextInt(3));
            case 9 -> Step.of("closesocket", actor, socket);
            case 10 -> Step.of(one("fionbio", "lingerForNoTime"), actor, socket, random.nextBoolean());
            case 11 -> {
                int overlapped = next++;
                yield Step.of("begin", actor, socket, one(Query.values()), room(), overlapped, next++);
            }
            default -> Step.of(one("getsockname", "getpeername"), actor, socket);
        };
    }

    private Room room() {
        return chance(50) ? Room.LARGE : one(Room.values());
    }

    private Step rare() {
        Actor actor = one(Actor.values());
        return switch (random.nextInt(12)) {
            case 0 -> Step.of("kill", actor);
            case 1 -> Step.of("wsaCleanup", actor);
            case 2 -> Step.of("wsaStartup", actor);
            case 3 -> Step.of("network", chance(80));
            case 4, 5 -> Step.of("elevate", actor, random.nextBoolean());
            default -> Step.of("pump");
        };
    }

    // ---- anything

    private Step any() {
        String call = one(Step.calls().stream()
                .filter(name -> !name.equals("kill") && !name.equals("network") && !name.equals("wsaCleanup"))
                .toList());
        List<Step.Role> roles = Step.rolesOf(call);
        List<Object> arguments = new ArrayList<>();
        Actor actor = one(Actor.values());
        for (int i = 0; i < roles.size(); i++) {
            arguments.add(any(roles.get(i), actor, Step.typeOf(call, i)));
        }
        return new Step(call, List.copyOf(arguments));
    }

    private Object any(Step.Role role, Actor actor, Class<?> type) {
        return switch (role) {
            case ACTOR -> actor;
            case SOCKET -> {
                List<Integer> own = model.socketsOf(actor);
                yield own.isEmpty() || chance(10) ? random.nextInt(next + 1) : one(own);
            }
            case RECORD -> known(model.records());
            case OVERLAPPED -> known(model.calls());
            case NEW_SOCKET, NEW_RECORD, NEW_OVERLAPPED -> next++;
            case NUMBER -> random.nextInt(Redirects.WINDOW + 5);
            case FLAGS -> chance(50) ? 0 : 1;
            case SWITCH -> random.nextBoolean();
            case CHOICE -> one(type.getEnumConstants());
        };
    }

    private int known(List<Integer> numbers) {
        return numbers.isEmpty() || chance(10) ? random.nextInt(next + 1) : one(numbers);
    }
}
