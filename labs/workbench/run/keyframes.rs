//! What is remembered of a run on its way, so that going back shows at once how it was, while a replay
//! works out the exact picture behind.
//!
//! A keyframe is a frame without the histories of its metrics: those are the same for every moment but
//! for where they end, so the newest whole frame serves all of them, cut at the moment that is asked
//! for. The longer the run, the wider apart keyframes stand: their number and their bytes are bounded.

use crate::engine::SimTime;
use crate::workbench::frame::{Frame, HistogramView, MetricValue};
use crate::workbench::meter::WINDOW;
use crate::workbench::session::Session;
use crate::workbench::trace::Trace;
use std::sync::Arc;

/// Windows between two keyframes of a young run: half a second.
const EVERY: u64 = 5;
/// More would stand closer than the cells of a timeline.
const MOST: usize = 256;
/// What all keyframes of one run may weigh.
const BYTES: usize = 12 << 20;
/// Slow requests that a keyframe keeps. A request that asked a hundred leaves weighs as much as all
/// else in it.
const TRACES: usize = 3;

/// The keyframes of one run, oldest first.
#[derive(Debug)]
pub struct Keyframes {
    frames: Vec<Arc<Frame>>,
    bytes: usize,
    /// What they may weigh.
    budget: usize,
    /// Windows from one to the next.
    every: u64,
    /// The whole frame of the furthest moment, while the run stands before it.
    furthest: Option<Frame>,
}

impl Default for Keyframes {
    fn default() -> Self {
        Self::with_budget(BYTES)
    }
}

impl Keyframes {
    /// None yet; all of them will weigh about so many bytes at most.
    pub fn with_budget(bytes: usize) -> Self {
        Self {
            frames: Vec::new(),
            bytes: 0,
            budget: bytes,
            every: EVERY,
            furthest: None,
        }
    }

    /// Looks at a run that goes on: now and then it is worth a keyframe.
    pub fn offer(&mut self, run: &Session) {
        let now = run.now();
        let known = self.frames.last().is_some_and(|last| last.now >= now);
        if known || !self.is_due(now) {
            return;
        }
        let mut frame = run.sketch();
        frame.slowest.truncate(TRACES);
        frame.sampled.truncate(1);
        self.bytes += weight(&frame);
        self.frames.push(Arc::new(frame));
        // Two are always kept, however heavy: the start, and something on the way.
        while self.frames.len() > 2 && (self.frames.len() > MOST || self.bytes > self.budget) {
            self.every *= 2;
            let mut frames = std::mem::take(&mut self.frames);
            frames.retain(|frame| self.is_due(frame.now));
            self.bytes = frames.iter().map(|frame| weight(frame)).sum();
            self.frames = frames;
        }
    }

    fn is_due(&self, moment: SimTime) -> bool {
        moment.0.is_multiple_of(self.every * WINDOW.0)
    }

    /// The run is left at its furthest moment, to go back.
    pub fn leave(&mut self, run: &Session) {
        self.furthest = Some(run.frame());
    }

    /// The run has come to its furthest moment again.
    pub fn arrive(&mut self) {
        self.furthest = None;
    }

    /// What came after this moment will not be: something else is done now.
    pub fn forget_after(&mut self, moment: SimTime) {
        self.furthest = None;
        if self.frames.last().is_none_or(|last| last.now <= moment) {
            return;
        }
        self.frames.retain(|frame| frame.now <= moment);
        self.bytes = self.frames.iter().map(|frame| weight(frame)).sum();
        while self.every > EVERY && self.frames.len() < MOST / 4 {
            self.every /= 2;
        }
    }

    /// The run as it is remembered at this moment: the picture of the keyframe before it, the charts up
    /// to the moment itself.
    pub fn at(&self, moment: SimTime) -> Option<Frame> {
        let after = self.frames.partition_point(|frame| frame.now <= moment);
        let mut frame = Frame::clone(self.frames.get(after.checked_sub(1)?)?);
        if let Some(furthest) = &self.furthest {
            frame.interventions.clone_from(&furthest.interventions);
            for (metric, whole) in frame.metrics.iter_mut().zip(&furthest.metrics) {
                metric.series.clone_from(&whole.series);
                for line in &mut metric.series {
                    let end = moment.as_secs_f64();
                    let kept = line.points.partition_point(|(at, _)| *at <= end);
                    line.points.truncate(kept);
                }
            }
        }
        Some(frame)
    }

    /// What all of them weigh, in bytes, about.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.frames.len()
    }
}

/// The bytes of a frame, about: what its lists and texts hold.
fn weight(frame: &Frame) -> usize {
    let nodes = frame
        .nodes
        .iter()
        .map(|node| size_of_val(node) + node.name.len() + node.badge.len());
    let lanes = frame.lanes.iter().map(|lane| {
        let spans = lane.spans.iter();
        let events = lane.events.iter();
        spans
            .map(|span| size_of_val(span) + span.label.len())
            .chain(events.map(|event| size_of_val(event) + event.label.len()))
            .sum::<usize>()
    });
    let metrics = frame
        .metrics
        .iter()
        .map(|metric| size_of_val(metric) + buckets(&metric.value) + buckets(&metric.recent));
    let log = frame
        .log
        .iter()
        .map(|line| size_of_val(line) + line.text.len());
    let invariants = frame
        .invariants
        .iter()
        .map(|invariant| size_of_val(invariant) + invariant.detail.len());
    let traces = frame.slowest.iter().chain(&frame.sampled);
    size_of::<Frame>()
        + size_of_val(frame.links.as_slice())
        + size_of_val(frame.flights.as_slice())
        + size_of_val(frame.interventions.as_slice())
        + size_of_val(frame.knobs.as_slice()) * 2
        + nodes.sum::<usize>()
        + lanes.sum::<usize>()
        + metrics.sum::<usize>()
        + log.sum::<usize>()
        + invariants.sum::<usize>()
        + traces.map(|trace| trace_weight(trace)).sum::<usize>()
}

fn buckets(value: &MetricValue) -> usize {
    match value {
        MetricValue::Histogram(HistogramView { buckets, .. }) => size_of_val(buckets.as_slice()),
        MetricValue::Counter(_) | MetricValue::Ratio(_) | MetricValue::Gauge { .. } => 0,
    }
}

fn trace_weight(trace: &Trace) -> usize {
    let spans = trace.spans.iter().map(|span| {
        size_of_val(span) + span.node.len() + span.note.len() + size_of_val(span.phases.as_slice())
    });
    size_of::<Trace>() + trace.outcome.len() + spans.sum::<usize>()
}
