package io.github.wfpsim.machine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the handle numbers of a {@link HandleSource} stand for: one slot for each number, in pages that are made with
 * their first object and dropped with their last one.
 *
 * <p>Used by the rooms of the library only: it is public since they are several packages.
 *
 * <p>Safe for use by many threads. Looking up takes no lock, makes no object and sees each change that was over before it
 * began. Changes take a lock only to add or drop a page; the newest page stays, since more numbers will come. A number
 * costs four bytes while its page lives, and the table keeps two references for each 512 numbers between its oldest object
 * and its newest, and for half as many to come.
 *
 * @param <T> type of the objects
 */
public final class HandleTable<T> {

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    /** Handles are multiples of four. */
    private static final int STEP_BITS = 2;

    private static final long STEP_MASK = (1 << STEP_BITS) - 1;
    private static final int PAGE_BITS = 9;
    private static final int PAGE_SLOTS = 1 << PAGE_BITS;

    /** As many pages as an array of references has room for on every machine: handles below 2^41. */
    private static final int MOST_PAGES = 1 << 30;

    /** Guards the adding and dropping of pages. */
    private final Object lock = new Object();

    private volatile Directory directory = new Directory(0, 0);
    private volatile int newest = -1;

    /** Creates an empty table. */
    public HandleTable() {
        // pages come with the first objects
    }

    /**
     * The pages by number, null where there is none. Two arrays of equal length: who looks up reads the slots without the
     * page in between. Pages come and go in place; a longer directory replaces one that is full.
     */
    private static final class Directory {

        private final @Nullable Object[] @Nullable [] slots;
        private final @Nullable Page[] pages;

        /** Number of the page at place 0. */
        private final int first;

        Directory(int first, int size) {
            this.first = first;
            this.slots = new Object[size][];
            this.pages = new Page[size];
        }

        @Nullable
        Page page(int number) {
            return has(number) ? (Page) SLOT.getVolatile(pages, number - first) : null;
        }

        @Nullable
        Object @Nullable [] slots(long number) {
            return has(number) ? (Object[]) SLOT.getVolatile(slots, (int) number - first) : null;
        }

        private boolean has(long number) {
            return number >= first && number - first < slots.length;
        }

        /** This directory, or a copy with more room, with a page or without it. Called under the lock. */
        Directory with(int number, @Nullable Page page) {
            Directory fitting = has(number) ? this : reaching(number);
            // Volatile: who adds an object and then looks for an end must not miss who ends and then lists the objects.
            SLOT.setVolatile(fitting.slots, number - fitting.first, page == null ? null : page.slots);
            SLOT.setVolatile(fitting.pages, number - fitting.first, page);
            return fitting;
        }

        /** A copy from the first page that there is, or is to be, to the last, with room for half as many behind. */
        private Directory reaching(int number) {
            int lowest = number;
            int highest = number;
            for (int place = 0; place < pages.length; place++) {
                if (pages[place] != null) {
                    lowest = Math.min(lowest, first + place);
                    highest = Math.max(highest, first + place);
                }
            }
            int span = highest - lowest + 1;
            Directory copy = new Directory(lowest, span + span / 2);
            for (int place = 0; place < pages.length; place++) {
                if (pages[place] != null) {
                    copy.slots[first + place - lowest] = slots[place];
                    copy.pages[first + place - lowest] = pages[place];
                }
            }
            return copy;
        }
    }

    /** The slots of neighbouring numbers. */
    private static final class Page {

        private static final int DROPPED = -1;

        private final @Nullable Object[] slots = new Object[PAGE_SLOTS];

        /** Slots that are full or about to be; {@link #DROPPED} once nothing can come any more. */
        private final AtomicInteger used = new AtomicInteger();

        /** Announces one more object; false if the page is dropped. */
        boolean enter() {
            int before = used.get();
            while (before != DROPPED && !used.compareAndSet(before, before + 1)) {
                before = used.get();
            }
            return before != DROPPED;
        }

        /** Takes one announcement back. */
        void leave() {
            used.decrementAndGet();
        }

        /** Keeps new objects out, if there are none; false if there are. */
        boolean drop() {
            return used.compareAndSet(0, DROPPED);
        }
    }

    /**
     * Finds an object.
     *
     * @param handle any number
     * @return the object; null if there is none, as for numbers that no handle has
     */
    public @Nullable T get(long handle) {
        @Nullable Object[] slots = slotsOf(handle);
        return slots == null ? null : at(slots, slotOf(handle));
    }

    /**
     * Stores an object, in place of one that may be there.
     *
     * @param handle its number, from a {@link HandleSource}
     * @param object the object
     * @throws IllegalArgumentException if the number is none that a handle has, or is 2^41 or more
     */
    public void put(long handle, T object) {
        Objects.requireNonNull(object, "object must not be null: remove the handle instead");
        int number = requirePage(handle);
        Page page = entered(number);
        if (SLOT.getAndSet(page.slots, slotOf(handle), object) != null) {
            leave(number, page);
        }
    }

    /**
     * Stores an object, if there is none.
     *
     * @param handle its number, from a {@link HandleSource}
     * @param object the object
     * @return false if there is one; of several threads only one gets true
     * @throws IllegalArgumentException if the number is none that a handle has, or is 2^41 or more
     */
    public boolean putIfAbsent(long handle, T object) {
        Objects.requireNonNull(object, "object must not be null: give the one that is to be found by the handle");
        int number = requirePage(handle);
        Page page = entered(number);
        boolean stored = SLOT.compareAndSet(page.slots, slotOf(handle), null, object);
        if (!stored) {
            leave(number, page);
        }
        return stored;
    }

    /**
     * Takes an object out.
     *
     * @param handle any number
     * @return the object; null if there was none. Of several threads only one gets it
     */
    public @Nullable T remove(long handle) {
        @Nullable T object = get(handle);
        while (object != null && !remove(handle, object)) {
            object = get(handle);
        }
        return object;
    }

    /**
     * Takes an object out, if it is this one.
     *
     * @param handle any number
     * @param object the object, by identity
     * @return false if it was not there; of several threads only one gets true
     */
    public boolean remove(long handle, T object) {
        Objects.requireNonNull(object, "object must not be null: give the one that is to go");
        Page page = slotsOf(handle) == null ? null : directory.page(pageOf(handle));
        // A page that was dropped meanwhile was empty, and is not asked again.
        boolean removed = page != null && SLOT.compareAndSet(page.slots, slotOf(handle), object, null);
        if (page != null && removed) {
            leave(pageOf(handle), page);
        }
        return removed;
    }

    /**
     * Visits the objects by ascending handle: all that stay during the visit, and some of those that come or go.
     *
     * @param visitor called without a lock for each, with its handle
     */
    public void forEach(ObjLongConsumer<? super T> visitor) {
        Objects.requireNonNull(visitor, "visitor must not be null: give what is to be called");
        Directory now = directory;
        for (int place = 0; place < now.pages.length; place++) {
            long number = now.first + (long) place;
            @Nullable Object @Nullable [] slots = now.slots(number);
            for (int slot = 0; slots != null && slot < PAGE_SLOTS; slot++) {
                @Nullable T object = at(slots, slot);
                if (object != null) {
                    visitor.accept(object, (number << PAGE_BITS | slot) << STEP_BITS);
                }
            }
        }
    }

    /** {@return the objects by ascending handle, as {@link #forEach} visits them, in a list of the caller's own} */
    public List<T> values() {
        List<T> all = new ArrayList<>();
        forEach((object, handle) -> all.add(object));
        return all;
    }

    /** {@return the number of objects; while others change the table, one that is near} */
    public int size() {
        int size = 0;
        for (Page page : directory.pages) {
            size += page == null ? 0 : Math.max(0, page.used.get());
        }
        return size;
    }

    /** Pages that are kept, full or not. */
    int pages() {
        return (int) Arrays.stream(directory.pages).filter(Objects::nonNull).count();
    }

    /** Places for pages, taken or not. */
    int room() {
        return directory.pages.length;
    }

    // ---- slots

    private @Nullable Object @Nullable [] slotsOf(long handle) {
        // Without sign: a negative number is beyond all pages.
        return (handle & STEP_MASK) == 0 ? directory.slots(handle >>> (STEP_BITS + PAGE_BITS)) : null;
    }

    private static int pageOf(long handle) {
        return (int) (handle >>> (STEP_BITS + PAGE_BITS));
    }

    private static int slotOf(long handle) {
        return (int) (handle >>> STEP_BITS) & (PAGE_SLOTS - 1);
    }

    @SuppressWarnings("unchecked")
    private @Nullable T at(@Nullable Object[] slots, int slot) {
        return (T) SLOT.getVolatile(slots, slot);
    }

    // ---- pages

    private static int requirePage(long handle) {
        boolean sound = (handle & STEP_MASK) == 0 && handle >>> (STEP_BITS + PAGE_BITS) < MOST_PAGES;
        if (!sound) {
            throw new IllegalArgumentException("handle " + handle + " is none: give a number of a HandleSource");
        }
        return pageOf(handle);
    }

    /** A page that will not be dropped before the caller has left it. */
    private Page entered(int number) {
        Page page = directory.page(number);
        while (page == null || !page.enter()) {
            page = add(number);
        }
        return page;
    }

    private void leave(int number, Page page) {
        page.leave();
        if (number != newest) {
            dropIfEmpty(number, page);
        }
    }

    /** Makes a page, if it is not there or is being dropped. */
    private Page add(int number) {
        int before;
        Page added;
        synchronized (lock) {
            Page there = directory.page(number);
            if (there != null && there.used.get() != Page.DROPPED) {
                return there;
            }
            added = new Page();
            directory = directory.with(number, added);
            before = newest;
            newest = Math.max(before, number);
        }
        // Either this thread sees the page before empty, or its last object's thread sees that it is not the newest.
        Page old = before < 0 || before == number ? null : directory.page(before);
        if (old != null && before < number) {
            dropIfEmpty(before, old);
        }
        return added;
    }

    private void dropIfEmpty(int number, Page page) {
        if (!page.drop()) {
            return;
        }
        synchronized (lock) {
            // Somebody who wanted the slot again may have put another page there.
            if (directory.page(number) == page) {
                directory = directory.with(number, null);
            }
        }
    }
}
