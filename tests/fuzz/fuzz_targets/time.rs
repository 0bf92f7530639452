//! A time or a duration is read or refused, and is not lost on the way out and in.
#![no_main]

use cfsign::{HashAlgorithm, IpRange, KeyPairId, When, parse_duration};
use cfsign_fuzz::{NOW, time};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // Other values that are as short.
    let _ = (text.parse::<HashAlgorithm>(), text.parse::<KeyPairId>());
    if let Ok(range) = text.parse::<IpRange>() {
        assert_eq!(
            range
                .to_string()
                .parse::<IpRange>()
                .expect("it was written"),
            range
        );
    }
    if let Ok(duration) = parse_duration(text) {
        if let Ok(later) = time(NOW).plus(duration) {
            assert_eq!(
                later.unix() - NOW,
                i64::try_from(duration.as_secs()).expect("before the year 10000")
            );
        }
    }
    let Ok(when) = text.parse::<When>() else {
        return;
    };
    if let Ok(time_meant) = when.resolve(time(NOW)) {
        assert_eq!(
            time_meant.to_string().parse::<When>().expect("RFC 3339"),
            When::At(time_meant)
        );
        let _ = (time_meant.relative_to(time(NOW)), time_meant.http_date());
    }
});
