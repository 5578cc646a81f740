//! All metrics of a lab in the text format of Prometheus, version 0.0.4.
//!
//! Names follow Prometheus and not the lab where the two differ: base units (seconds, not milliseconds),
//! counters end in `_total`, one prefix; the lab is a label. `name` does that. There are no timestamps:
//! a scraper would take virtual ones for very old.

#[cfg(test)]
mod lint;
pub mod name;
#[cfg(test)]
mod tests;

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use ddlab_labs::workbench::frame::{Frame, HistogramView, MetricValue};
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::meter::MetricKind;
use std::collections::BTreeMap;
use std::fmt::Write;

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper edges of the buckets of every histogram: 2^k milliseconds, from 1/16 ms to an hour and some.
/// Powers of two because the meters' own buckets are eighths of an octave: so nothing is split. The set
/// is fixed because one that changes between scrapes makes rates of its buckets wrong.
const EDGES: std::ops::RangeInclusive<i32> = -4..=22;

pub fn response(text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    let kind = HeaderValue::from_static(CONTENT_TYPE);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// The lab's metrics and invariants, its time, and what the server has answered (by status).
pub fn exposition(spec: &LabSpec, frame: &Frame, answered: &BTreeMap<u16, u64>) -> String {
    let mut page = Page {
        text: String::new(),
        lab: escaped(spec.id),
    };
    for metric in &frame.metrics {
        let Some(of) = spec.metrics.iter().find(|of| of.name == metric.name) else {
            continue;
        };
        let (name, scale) = name::of(of);
        match &metric.value {
            MetricValue::Histogram(view) => page.histogram(&name, of.help, view),
            value => {
                let value = match value {
                    MetricValue::Counter(total) => *total,
                    MetricValue::Gauge { last, .. } => *last,
                    // Nothing to divide by yet.
                    MetricValue::Ratio(ratio) => ratio.unwrap_or(f64::NAN),
                    MetricValue::Histogram(_) => continue,
                };
                page.head(&name, of.help, kind(of.kind));
                page.sample(&name, &[], value * scale);
            }
        }
    }
    page.about(frame);
    page.answered(answered);
    page.text
}

fn kind(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Counter => "counter",
        MetricKind::Ratio | MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    }
}

/// The exposition as it is written, family by family.
struct Page {
    text: String,
    lab: String,
}

impl Page {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        // Writing to a String can't fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let _ = write!(self.text, "{name}{{lab=\"{}\"", self.lab);
        for (label, text) in labels {
            let _ = write!(self.text, ",{label}=\"{}\"", escaped(text));
        }
        let _ = writeln!(self.text, "}} {}", number(value));
    }

    fn histogram(&mut self, name: &str, help: &str, view: &HistogramView) {
        self.head(name, help, "histogram");
        let bucket = format!("{name}_bucket");
        for power in EDGES {
            let edge_ms = f64::from(power).exp2();
            // The meters' edges are computed powers too: equal but for the last bit.
            let below = view
                .buckets
                .iter()
                .take_while(|(edge, _)| *edge <= edge_ms * (1.0 + 1e-9));
            let count: u64 = below.map(|(_, count)| count).sum();
            self.sample(&bucket, &[("le", &number(edge_ms / 1e3))], count as f64);
        }
        self.sample(&bucket, &[("le", "+Inf")], view.count as f64);
        let sum = format!("{name}_sum");
        self.sample(&sum, &[], view.mean * view.count as f64 / 1e3);
        self.sample(&format!("{name}_count"), &[], view.count as f64);
    }

    /// What holds, and how time passes.
    fn about(&mut self, frame: &Frame) {
        let held = "ddlab_invariant_held";
        self.head(
            held,
            "1 while the invariant has held, 0 once it broke",
            "gauge",
        );
        for invariant in &frame.invariants {
            let value = f64::from(u8::from(invariant.held));
            self.sample(held, &[("invariant", invariant.name)], value);
        }
        let up = f64::from(u8::from(frame.fault.is_none()));
        let pace = frame.pace;
        for (name, help, value) in [
            ("ddlab_lab_up", "0 after the lab's own code has failed", up),
            (
                "ddlab_virtual_time_seconds",
                "virtual time since the start of the run",
                frame.now.as_secs_f64(),
            ),
            (
                "ddlab_pace_asked_ratio",
                "virtual seconds a second, as asked; 0 while the run stands still",
                if pace.playing { pace.asked } else { 0.0 },
            ),
            (
                "ddlab_pace_reached_ratio",
                "virtual seconds a second, as reached",
                pace.reached,
            ),
        ] {
            self.head(name, help, "gauge");
            self.sample(name, &[], value);
        }
    }

    fn answered(&mut self, answered: &BTreeMap<u16, u64>) {
        if answered.is_empty() {
            return;
        }
        let name = "ddlab_gateway_requests_total";
        self.head(name, "requests answered over HTTP, by status", "counter");
        for (status, count) in answered {
            self.sample(name, &[("code", &status.to_string())], *count as f64);
        }
    }
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

fn number(value: f64) -> String {
    if value == f64::INFINITY {
        "+Inf".to_owned()
    } else if value == f64::NEG_INFINITY {
        "-Inf".to_owned()
    } else {
        value.to_string()
    }
}
