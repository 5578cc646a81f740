//! The one place that reads the wall clock. All else takes a [`Moment`] as an argument, so that it can
//! be tested at any hour.

use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime, date},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

/// The hour at which a local day begins. People who study at one in the morning mean yesterday.
const DAY_BEGINS_HOUR: i64 = 4;
const EPOCH: Date = date(1970, 1, 1);

/// How far the clock is set forward or back, in milliseconds, for who tries another day.
static SHIFT_MS: OnceLock<i64> = OnceLock::new();

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

    /// Days since 1970-01-01.
    pub fn number(self) -> i32 {
        let since = self.0.duration_since(EPOCH);
        (since.as_hours() / 24) as i32
    }

    /// The day so many days after 1970-01-01; the last day that there is beyond it.
    pub fn of_number(days: i32) -> Self {
        Self(EPOCH.saturating_add(Span::new().days(days)))
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

/// Sets the clock so that it is this local time now; it runs on from there. Once for each process.
///
/// # Errors
/// A sentence when the text is not a time.
pub fn set(text: &str) -> Result<(), String> {
    let wrong = || {
        format!(
            "`{}` is not a time; write 2026-11-30T09:00, or a day",
            ddlab_text::given(text)
        )
    };
    let local: DateTime = match text.parse::<DateTime>() {
        Ok(local) if text.contains(':') => local,
        // A day alone means its morning: midnight would still be the day before.
        _ => text.parse::<Date>().map_err(|_| wrong())?.at(9, 0, 0, 0),
    };
    let zoned = local.to_zoned(zone()).map_err(|_| wrong())?;
    let shift = zoned.timestamp().as_millisecond() - Timestamp::now().as_millisecond();
    SHIFT_MS
        .set(shift)
        .map_err(|_| "the clock has been set already".to_owned())
}

/// Now, by the clock and the zone of the machine.
pub fn now() -> Moment {
    let shift = SHIFT_MS.get().copied().unwrap_or_default();
    let at = UtcMs(Timestamp::now().as_millisecond().saturating_add(shift));
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
    fn days_are_counted_and_counted_back() {
        let first = LocalDay::parse("1970-01-01").unwrap();
        assert_eq!((first.number(), LocalDay::of_number(0)), (0, first));
        let leap = LocalDay::parse("2028-02-29").unwrap();
        assert_eq!(LocalDay::of_number(leap.number()), leap);
        assert_eq!(
            LocalDay::of_number(leap.number() + 1).to_string(),
            "2028-03-01"
        );
    }

    #[test]
    fn a_stamp_names_the_instant() {
        assert_eq!(UtcMs(0).stamp(), "19700101T000000Z");
    }
}
