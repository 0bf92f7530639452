//! The pipeline keeps the order, holds little at a time, and ends when it should.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use cfsign::batch::pipeline::run;

fn workers(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

/// Gives the numbers below `end`, and counts how many it has given.
fn numbers(
    end: usize,
    given: &Arc<AtomicUsize>,
) -> impl FnMut() -> Result<Option<usize>, String> + Send + 'static {
    let given = Arc::clone(given);
    move || {
        let next = given.fetch_add(1, Ordering::SeqCst);
        Ok((next < end).then_some(next))
    }
}

#[test]
fn results_come_in_the_order_of_the_items() {
    for count in [1, 2, 3, 8, 64] {
        let mut results = Vec::new();
        // Every seventh item takes longer, so that those behind it are done first.
        let slow_sevenths = |item: usize| {
            (0..(if item.is_multiple_of(7) { 200 } else { 1 })).for_each(|_| thread::yield_now());
            item * 3
        };
        run(
            workers(count),
            numbers(1000, &Arc::default()),
            slow_sevenths,
            |result| {
                results.push(result);
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(
            results,
            (0..1000).map(|item| item * 3).collect::<Vec<_>>(),
            "{count} workers"
        );
    }
}

#[test]
fn nothing_in_gives_nothing_out() {
    run(
        workers(4),
        || Ok::<_, String>(None::<()>),
        |()| (),
        |()| panic!("nothing was read"),
    )
    .unwrap();
}

#[test]
fn a_writer_that_is_slow_holds_up_the_reader() {
    for count in [1, 2, 8] {
        let given = Arc::new(AtomicUsize::new(0));
        let mut written = 0;
        let mut furthest = 0;
        run(
            workers(count),
            numbers(500, &given),
            |item| item,
            |_| {
                // Time for a reader that nothing holds up to run far ahead.
                (0..50).for_each(|_| thread::yield_now());
                furthest = furthest.max(given.load(Ordering::SeqCst).saturating_sub(written));
                written += 1;
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(written, 500);
        // In the line, one being handed over, one being written, one read, and the count of the one
        // asked for.
        assert!(
            furthest <= 4 * count + 4,
            "{furthest} items under way for {count} workers"
        );
    }
}

#[test]
fn the_error_of_the_reader_comes_after_what_was_read() {
    let mut next = 0;
    let read = move || {
        next += 1;
        if next > 10 {
            Err("the disk is on fire")
        } else {
            Ok(Some(next))
        }
    };
    let mut results = Vec::new();
    let ended = run(
        workers(3),
        read,
        |item| item,
        |result| {
            results.push(result);
            Ok(())
        },
    );
    assert_eq!(ended, Err("the disk is on fire"));
    assert_eq!(results, (1..=10).collect::<Vec<_>>());
}

#[test]
fn the_error_of_the_writer_ends_the_run_though_the_reader_waits() {
    let (input, lines) = mpsc::channel::<u32>();
    for line in 0..5 {
        input.send(line).unwrap();
    }
    // `input` stays open, so that the sixth read waits for ever.
    let ended = run(
        workers(2),
        move || Ok(lines.recv().ok()),
        |line| line,
        |line| {
            if line == 4 {
                Err("nobody listens")
            } else {
                Ok(())
            }
        },
    );
    assert_eq!(ended, Err("nobody listens"));
    drop(input);
}

#[test]
fn a_result_is_written_though_no_more_comes_for_now() {
    let (input, lines) = mpsc::channel::<u32>();
    input.send(0).unwrap();
    let mut input = Some(input);
    // Each line is sent when the one before has been written: with a writer that waited for more,
    // this would not end.
    run(
        workers(2),
        move || Ok::<_, String>(lines.recv().ok()),
        |line| line,
        |line| {
            match line {
                9 => input = None,
                line => input.as_ref().unwrap().send(line + 1).unwrap(),
            }
            Ok(())
        },
    )
    .unwrap();
}

#[test]
#[should_panic(expected = "a worker has panicked")]
fn the_panic_of_a_worker_is_not_swallowed() {
    let curse = |item: usize| {
        if item == 3 {
            panic!("item 3 is cursed")
        } else {
            item
        }
    };
    let _ = run(workers(2), numbers(10, &Arc::default()), curse, |_| Ok(()));
}
