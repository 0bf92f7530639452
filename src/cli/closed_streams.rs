//! Standard streams that the caller has closed (`>&-`).
//!
//! Before `main`, Rust's runtime opens /dev/null in their place, so that no file gets their
//! descriptors. From then on a result that is lost looks like one that is not wanted, so the
//! streams are examined when the program is loaded.

use std::sync::atomic::{AtomicBool, Ordering};

static STDIN_IS_CLOSED: AtomicBool = AtomicBool::new(false);
static STDOUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);

pub fn stdin_is_closed() -> bool {
    STDIN_IS_CLOSED.load(Ordering::Relaxed)
}

pub fn stdout_is_closed() -> bool {
    STDOUT_IS_CLOSED.load(Ordering::Relaxed)
}

#[cfg(unix)]
extern "C" fn examine_streams() {
    use rustix::io::{Errno, fcntl_getfd};
    use rustix::stdio::{stdin, stdout};

    STDIN_IS_CLOSED.store(fcntl_getfd(stdin()) == Err(Errno::BADF), Ordering::Relaxed);
    STDOUT_IS_CLOSED.store(fcntl_getfd(stdout()) == Err(Errno::BADF), Ordering::Relaxed);
}

/// The loader calls the functions in this section before the runtime starts.
#[allow(unsafe_code)] // examine_streams makes two system calls, and uses nothing that the runtime sets up.
#[cfg(unix)]
#[used]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(
    target_vendor = "apple",
    unsafe(link_section = "__DATA,__mod_init_func")
)]
static EXAMINE_STREAMS: extern "C" fn() = examine_streams;
