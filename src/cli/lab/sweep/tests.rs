//! What is said on the way, and that what is written is read.

use super::*;
use crate::testing::Holds;

#[test]
fn the_line_says_how_far_the_sweep_has_come_and_how_long_it_will_take() {
    let line = |done, failed, seconds| progress(done, failed, 1000, Duration::from_secs(seconds));
    assert_eq!(
        line(0, 0, 1),
        "[............] 0 of 1000 runs (ctrl-C ends it)"
    );
    assert_eq!(
        line(500, 2, 23),
        "[######......] 500 of 1000 runs, 23 s left, 2 failed (ctrl-C ends it)"
    );
    line(10, 0, 60).holds([", 99 min left"]);
    line(1, 0, 60).holds([", 16.6 h left"]);
    assert!(line(1000, 0, 60).starts_with("[############] 1000 of 1000 runs, 0 s left"));
}
