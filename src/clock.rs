//! The one place that reads the wall clock. All else takes a [`Moment`] as an argument, so that it can
//! be tested at any hour.

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// The hour at which a local day begins. People who study at one in the morning mean yesterday.
const DAY_BEGINS_HOUR: i64 = 4;

/// Milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMs(pub i64);

/// A learner's day, `2026-11-22`: from 04:00 to 04:00 in the zone where it was lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDay(Date);

/// When something happened: the instant, and the day that it counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub at: UtcMs,
    pub day: LocalDay,
}

impl Moment {
    /// The moment of this instant in this zone.
    pub fn in_zone(at: UtcMs, zone: &TimeZone) -> Self {
        let instant = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let shifted = instant
            .to_zoned(zone.clone())
            .datetime()
            .saturating_sub(Span::new().hours(DAY_BEGINS_HOUR));
        Self {
            at,
            day: LocalDay(shifted.date()),
        }
    }
}

impl LocalDay {
    /// Reads `2026-11-22`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl fmt::Display for LocalDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl UtcMs {
    /// `20261122T100500Z`, for the names of files.
    pub fn stamp(self) -> String {
        let instant = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        instant.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// `2026-11-22T10:05:00Z`, for scripts.
    pub fn iso(self) -> String {
        let instant = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `2026-11-22 11:05`, in the zone of the machine: for people.
    pub fn minute(self) -> String {
        let instant = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let there = instant.to_zoned(zone());
        there.strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// Now, by the clock and the zone of the machine.
pub fn now() -> Moment {
    let at = UtcMs(Timestamp::now().as_millisecond());
    Moment::in_zone(at, &zone())
}

/// The zone of the machine. A `TZ` that names a pipe or a device would be read without an end.
fn zone() -> TimeZone {
    let named = std::env::var("TZ").unwrap_or_default();
    let file = Path::new("/usr/share/zoneinfo").join(named.trim_start_matches(':'));
    if std::fs::metadata(file).is_ok_and(|meta| !meta.is_file()) {
        return TimeZone::UTC;
    }
    TimeZone::system()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(utc: &str, zone: &str) -> String {
        let at = utc.parse::<Timestamp>().unwrap().as_millisecond();
        let zone = TimeZone::posix(zone).unwrap();
        Moment::in_zone(UtcMs(at), &zone).day.to_string()
    }

    #[test]
    fn the_day_changes_at_four_local_time() {
        assert_eq!(day("2026-03-05T03:59:59Z", "UTC0"), "2026-03-04");
        assert_eq!(day("2026-03-05T04:00:00Z", "UTC0"), "2026-03-05");
        assert_eq!(day("2026-03-05T03:59:59Z", "CET-1"), "2026-03-05");
        assert_eq!(day("2026-03-05T11:59:59Z", "PST8"), "2026-03-04");
    }

    #[test]
    fn the_day_is_right_where_clocks_change() {
        let berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
        assert_eq!(day("2026-03-29T01:59:59Z", berlin), "2026-03-28");
        assert_eq!(day("2026-03-29T02:00:00Z", berlin), "2026-03-29");
        assert_eq!(day("2026-10-25T02:59:59Z", berlin), "2026-10-24");
        assert_eq!(day("2026-10-25T03:00:00Z", berlin), "2026-10-25");
    }

    #[test]
    fn a_day_is_read_back_as_written() {
        let day = LocalDay::parse("2026-11-22").unwrap();
        assert_eq!(LocalDay::parse(&day.to_string()), Some(day));
        assert_eq!(LocalDay::parse("yesterday"), None);
    }

    #[test]
    fn a_stamp_names_the_instant() {
        assert_eq!(UtcMs(0).stamp(), "19700101T000000Z");
    }
}
