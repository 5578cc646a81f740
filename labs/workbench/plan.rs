//! A run as data: seed, knobs and what is done when. Enough to run it again to the same digest.
//!
//! [`RunPlan`] is the run to do; [`Record`] is a run that was done, with digests on the way. A record
//! is saved as a small text file, a line a fact, so that people can read, write and mend it:
//!
//! ```text
//! ddlab-run 1
//! by 0.1.0
//! lab scatter-gather
//! seed 7
//! for 60s
//! warmup 5s
//! set policy=hedge
//! at 20s slow=3
//! digest 30s 0123456789abcdef
//! digest 60s 89abcdef01234567
//! ```

use super::intervention::{Intervention, InterventionError, TimedIntervention};
use super::knob::{KnobError, KnobSettings, KnobValue};
use super::lab::Lab;
use super::length::{LENGTH_MAX, longer_than_a_run};
use crate::engine::SimTime;
use crate::engine::time::{format_span, parse_span};
use ddlab_text::{given, suggestion};
use std::fmt::{self, Write as _};

/// A run to do.
#[derive(Clone)]
pub struct RunPlan {
    pub lab: &'static dyn Lab,
    pub seed: u64,
    /// At the start.
    pub knobs: KnobSettings,
    /// The part at its start that metrics leave out.
    pub warmup: SimTime,
    /// The whole virtual time of the run, with the warm-up.
    pub length: SimTime,
    /// In order of time.
    pub script: Vec<TimedIntervention>,
}

impl RunPlan {
    /// A minute of the lab as it stands when nobody has turned anything.
    pub fn new(lab: &'static dyn Lab, seed: u64) -> Self {
        Self {
            lab,
            seed,
            knobs: KnobSettings::defaults(&lab.spec().knobs),
            warmup: SimTime(0),
            length: SimTime(60_000_000_000),
            script: Vec::new(),
        }
    }

    /// Adds `20s:slow=3` or `20s:policy=hedge`.
    pub fn script_text(&mut self, text: &str) -> Result<(), ScriptError> {
        let form = |why: &str| ScriptError::Form {
            text: text.to_owned(),
            why: why.to_owned(),
        };
        let (at, what) = text
            .split_once(':')
            .ok_or_else(|| form("there is no `:`"))?;
        let at = parse_span(at).map_err(|error| form(&error.to_string()))?;
        self.insert(at.into(), Intervention::parse(what, self.lab.spec())?);
        Ok(())
    }

    /// The same run with one knob at this value all along: at the start, and never turned.
    ///
    /// # Errors
    /// When the knob or its value is none of this lab's.
    pub fn but(mut self, knob: &str, value: &KnobValue) -> Result<Self, KnobError> {
        self.knobs.set(knob, value.clone())?;
        self.script.retain(
            |done| !matches!(&done.what, Intervention::Set { knob: turned, .. } if *turned == knob),
        );
        Ok(self)
    }

    /// Adds an intervention, after those of the same moment.
    pub fn insert(&mut self, at: SimTime, what: Intervention) {
        let place = self.script.partition_point(|earlier| earlier.at <= at);
        self.script.insert(place, TimedIntervention { at, what });
    }
}

impl fmt::Debug for RunPlan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RunPlan")
            .field("lab", &self.lab.spec().id)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// Why `--at` can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    #[error(
        "`{}` is not an intervention: {why}; write TIME:ACTION=ARGUMENT, as in `20s:slow=3`",
        given(.text)
    )]
    Form { text: String, why: String },
    #[error(transparent)]
    Intervention(#[from] InterventionError),
}

/// A run that was done: its plan, and the digest at several moments of it, the last at its end. The
/// ones on the way tell a replay *from when on* it differs.
#[derive(Debug, Clone)]
pub struct Record {
    pub plan: RunPlan,
    pub digests: Vec<(SimTime, u64)>,
}

/// What a run file begins with: the name and the number of its format.
const NAME: &str = "ddlab-run";
const FORMAT: u32 = 1;

/// The version that writes run files: what a lab does may change from one to the next, and with it the
/// digests.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version that wrote a run file, where it says so.
pub fn written_by(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim);
    lines
        .find_map(|line| line.strip_prefix("by "))
        .map(str::trim)
}

/// What to add to whatever is wrong with a run file that another version wrote.
pub fn other_version(text: &str) -> Option<String> {
    let by = written_by(text).filter(|by| *by != VERSION)?;
    Some(format!(
        "it was written by ddlab {}, this is ddlab {VERSION}; the lab may have changed",
        given(by)
    ))
}

/// Why a run file can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("this is not a run file: it begins with `{found}` where `{NAME} {FORMAT}` is expected")]
    Header { found: String },
    #[error(
        "this run file has format {found}, this ddlab ({VERSION}) reads format {FORMAT}; \
         open it with the ddlab that wrote it, or a newer one"
    )]
    Format { found: u32 },
    #[error("line {line} of the run file: {what}")]
    Line { line: usize, what: String },
    #[error("the run file has no line `{missing} …`")]
    Missing { missing: &'static str },
    #[error(
        "the run file is of {length}, but its last digest is of {last}: it was cut short or edited"
    )]
    NoDigestAtEnd { length: String, last: String },
    #[error(
        "the digest of {at} is not later than the one before it: the run file was edited; \
         put its digests in order of time, the last at its end"
    )]
    DigestOrder { at: String },
}

impl Record {
    /// The text of the run file.
    pub fn to_text(&self) -> String {
        let plan = &self.plan;
        let mut text = format!(
            "{NAME} {FORMAT}\nby {VERSION}\nlab {}\nseed {}\n",
            plan.lab.spec().id,
            plan.seed
        );
        let span = |time: SimTime| format_span(time.into());
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "for {}\nwarmup {}",
            span(plan.length),
            span(plan.warmup)
        );
        for (knob, value) in plan.knobs.iter() {
            let _ = writeln!(text, "set {}={value}", knob.name);
        }
        for intervention in &plan.script {
            let _ = writeln!(text, "at {} {}", span(intervention.at), intervention.what);
        }
        for (at, digest) in &self.digests {
            let _ = writeln!(text, "digest {} {digest:016x}", span(*at));
        }
        text
    }

    /// Reads a run file; `find` knows the labs by id.
    pub fn parse(
        text: &str,
        find: impl Fn(&str) -> Result<&'static dyn Lab, String>,
    ) -> Result<Self, RecordError> {
        let mut lines = text.lines().enumerate();
        let header = lines.next().map_or("", |(_, line)| line.trim());
        let format = header.strip_prefix(NAME).map(str::trim);
        match format.and_then(|format| format.parse().ok()) {
            Some(FORMAT) => {}
            Some(found) => return Err(RecordError::Format { found }),
            None => {
                let found = given(header);
                return Err(RecordError::Header { found });
            }
        }
        let mut plan: Option<RunPlan> = None;
        let mut digests = Vec::new();
        let mut length = None;
        for (index, line) in lines {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fault = |what: String| RecordError::Line {
                line: index + 1,
                what,
            };
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let rest = rest.trim();
            if word == "by" {
                continue;
            }
            if word == "lab" {
                plan = Some(RunPlan::new(find(rest).map_err(fault)?, 0));
                continue;
            }
            let plan = plan
                .as_mut()
                .ok_or(RecordError::Missing { missing: "lab" })?;
            match word {
                "seed" => plan.seed = rest.parse().map_err(|_| fault(bad_seed(rest)))?,
                "for" => length = Some(span(rest).map_err(fault)?),
                "warmup" => plan.warmup = span(rest).map_err(fault)?,
                "set" => plan
                    .knobs
                    .set_text(rest)
                    .map_err(|e| fault(e.to_string()))?,
                "at" => {
                    let script = rest.replacen(' ', ":", 1);
                    plan.script_text(&script)
                        .map_err(|e| fault(e.to_string()))?;
                }
                "digest" => digests.push(digest(rest).map_err(fault)?),
                other => {
                    let words = ["by", "lab", "seed", "for", "warmup", "set", "at", "digest"];
                    return Err(fault(format!(
                        "`{}` is unknown here; {}",
                        given(other),
                        suggestion(other, &words)
                    )));
                }
            }
        }
        let mut plan = plan.ok_or(RecordError::Missing { missing: "lab" })?;
        plan.length = length.ok_or(RecordError::Missing { missing: "for" })?;
        let Some((last, _)) = digests.last() else {
            return Err(RecordError::Missing { missing: "digest" });
        };
        if let Some(pair) = digests.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(RecordError::DigestOrder {
                at: format_span(pair[1].0.into()),
            });
        }
        if *last != plan.length {
            return Err(RecordError::NoDigestAtEnd {
                length: format_span(plan.length.into()),
                last: format_span((*last).into()),
            });
        }
        Ok(Self { plan, digests })
    }
}

fn span(text: &str) -> Result<SimTime, String> {
    let span = parse_span(text).map_err(|error| error.to_string())?;
    if span > LENGTH_MAX {
        return Err(longer_than_a_run(span));
    }
    Ok(span.into())
}

fn bad_seed(text: &str) -> String {
    format!(
        "`{}` is not a seed; a seed is a whole number from 0 to {}",
        given(text),
        u64::MAX
    )
}

fn digest(text: &str) -> Result<(SimTime, u64), String> {
    let (at, digest) = text.split_once(' ').ok_or("write `digest TIME HEX`")?;
    let digest = u64::from_str_radix(digest.trim(), 16).map_err(|_| {
        let digest = given(digest);
        format!("`{digest}` is not a digest; a digest has sixteen hexadecimal digits")
    })?;
    Ok((span(at)?, digest))
}
