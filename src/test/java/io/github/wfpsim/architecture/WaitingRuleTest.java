package io.github.wfpsim.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.wfpsim.machine.WaitedFuture;
import io.github.wfpsim.machine.WaitingLine;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A thread of the simulator stands still in one class, so that limits, schedulers and lists of waits have one place. */
class WaitingRuleTest {

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.github.wfpsim");

    /** Types that nobody needs who waits in line. */
    private static final List<Class<?>> BLOCKING_TYPES = List.of(
            BlockingQueue.class,
            Condition.class,
            CountDownLatch.class,
            CyclicBarrier.class,
            Exchanger.class,
            ExecutorService.class,
            Lock.class,
            LockSupport.class,
            Phaser.class,
            Semaphore.class);

    @Test
    void threads_standStillInTheWaitingLineOnly() {
        assertThat(callers(WaitingRuleTest::standsStill))
                .as("classes that call Object.wait or notify, Thread.join, TimeUnit.timedWait and the like")
                .containsExactly(WaitingLine.class.getSimpleName());
    }

    @Test
    void futures_areWaitedForInLine() {
        // Which looks at futures only when they are done.
        assertThat(callers(WaitingRuleTest::waitsForAFuture)).containsExactly(WaitedFuture.class.getSimpleName());
    }

    @Test
    void selectors_areForRealSockets() {
        assertThat(callers(access -> access.getTargetOwner().isAssignableTo(Selector.class)
                        && access.getTarget().getName().startsWith("select")))
                .containsExactly("SocketStream");
    }

    @Test
    void otherWaysToBlock_areNotUsed() {
        assertThat(callers(access -> BLOCKING_TYPES.stream().anyMatch(access.getTargetOwner()::isAssignableTo)))
                .isEmpty();
    }

    private static boolean standsStill(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        String name = access.getTarget().getName();
        return (owner.isEquivalentTo(Object.class)
                        && Set.of("wait", "notify", "notifyAll").contains(name))
                || (owner.isAssignableTo(Thread.class)
                        && Set.of("join", "sleep").contains(name))
                || (owner.isEquivalentTo(TimeUnit.class)
                        && Set.of("sleep", "timedWait", "timedJoin").contains(name));
    }

    private static boolean waitsForAFuture(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        return owner.isAssignableTo(Future.class)
                && !owner.isAssignableTo(WaitedFuture.class)
                && Set.of("get", "join").contains(access.getTarget().getName());
    }

    private static Set<String> callers(Predicate<JavaAccess<?>> banned) {
        Set<String> callers = new TreeSet<>();
        for (JavaClass type : MAIN) {
            List<JavaAccess<?>> accesses = new ArrayList<>();
            Stream.of(type.getMethodCallsFromSelf(), type.getMethodReferencesFromSelf())
                    .forEach(accesses::addAll);
            accesses.stream().filter(banned).forEach(access -> callers.add(outermost(type)));
        }
        return callers;
    }

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(WaitingRuleTest::outermost).orElse(type.getSimpleName());
    }
}
