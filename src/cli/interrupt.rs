//! What has to be tidied up when the user ends a run: Ctrl-C, a closed terminal, a CI system that gives up.

use std::path::PathBuf;

/// Removes a half-written file when the run is interrupted, and then ends it as if nothing had been caught.
#[cfg(unix)]
pub fn remove_when_interrupted(path: PathBuf) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    // Without handlers, an interrupted run leaves the file behind, and that is all.
    let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            let _ = std::fs::remove_file(&path);
            let _ = emulate_default_handler(signal);
        }
    });
}

#[cfg(not(unix))]
pub fn remove_when_interrupted(_: PathBuf) {}
