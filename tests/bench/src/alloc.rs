//! Counts what each thread takes from memory, so that a server in the same process does not blur the count.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static SOUGHT: Cell<&'static [&'static [u8]]> = const { Cell::new(&[]) };
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

pub struct Counting;

fn book(taken: u64, bytes: i64) {
    // A thread that ends may still free memory, when its counters are gone.
    let _gone = TAKEN.try_with(|count| count.set(count.get() + taken));
    let _gone = LIVE.try_with(|live| live.set(live.get() + bytes));
}

#[expect(clippy::cast_possible_wrap, reason = "no allocation is that large")]
const fn size(layout: Layout) -> i64 {
    layout.size() as i64
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        book(1, size(layout));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        book(0, -size(layout));
        look(pointer, layout);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Whether one of the texts that are sought is in memory that is given back.
fn look(pointer: *const u8, layout: Layout) {
    let sought = SOUGHT.try_with(Cell::get).unwrap_or_default();
    if sought.is_empty() {
        return;
    }
    let found = |text: &[u8]| {
        (0..(layout.size() + 1).saturating_sub(text.len())).any(|start| {
            text.iter().enumerate().all(|(at, byte)| {
                // SAFETY: within the block, which is not given back yet. A byte that was never written is any byte; it is read
                // as volatile, so that nothing is concluded from it.
                unsafe { pointer.add(start + at).read_volatile() == *byte }
            })
        })
    };
    if sought.iter().any(|text| found(text)) {
        LEFT.set(LEFT.get() + 1);
    }
}

/// How many pieces of memory this thread gives back, while it runs this, with one of these texts in them.
pub fn left_behind(sought: &'static [&'static [u8]], run: impl FnOnce()) -> u64 {
    let before = LEFT.get();
    SOUGHT.set(sought);
    run();
    SOUGHT.set(&[]);
    LEFT.get() - before
}

/// How many allocations this thread makes while it runs this. One that grows counts as another.
pub fn taken_by(run: impl FnOnce()) -> u64 {
    let before = TAKEN.get();
    run();
    TAKEN.get() - before
}

/// How many bytes this thread has taken and not given back.
pub fn live() -> i64 {
    LIVE.get()
}
