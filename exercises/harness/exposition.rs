//! The Prometheus text format, version 0.0.4, read strictly.

use super::context::CheckContext;
use super::language::is_installed;
use super::verdict::{CheckOutcome, CheckResult, Failure};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;

/// A metric and its type: `("app_queue_depth", "gauge")`.
pub type Metric = (&'static str, &'static str);

/// A name with its labels, `app_queue_depth{instance="127.0.0.1:80"}`, labels in the order of their
/// names and their values as they are meant.
pub type Key = (String, BTreeMap<String, String>);

/// The samples of these metrics, or what is wrong and in which line.
pub fn read(text: &str, metrics: &'static [Metric]) -> Result<BTreeMap<Key, f64>, String> {
    if !text.ends_with('\n') {
        return Err("the last line has no end".to_owned());
    }
    let mut reader = Reader {
        metrics,
        ..Reader::default()
    };
    for (nr, line) in text.lines().enumerate() {
        let read = reader.line(line);
        read.map_err(|why| format!("line {}: {why}: {}", nr + 1, ddlab_text::clip(line, 100)))?;
    }
    Ok(reader.samples)
}

#[derive(Default)]
struct Reader {
    metrics: &'static [Metric],
    samples: BTreeMap<Key, f64>,
    /// The metric whose lines these are.
    metric: String,
    /// Metrics that have begun.
    begun: BTreeSet<String>,
    helped: BTreeSet<String>,
    typed: BTreeSet<String>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if line.trim().is_empty() {
            return Ok(());
        }
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (kind, name) = (words.next(), words.next().unwrap_or_default());
            let rest = words.next().unwrap_or_default();
            match kind {
                Some("HELP") if rest.trim().is_empty() => return Err("it explains nothing"),
                Some("HELP") => {
                    self.goes_on_with(name)?;
                    return unless_there(&mut self.helped, name, "a second HELP");
                }
                Some("TYPE") => {
                    let right = self
                        .metrics
                        .iter()
                        .any(|metric| *metric == (name, rest.trim()));
                    if !right {
                        return Err("this is not the type of the metric");
                    }
                    self.goes_on_with(name)?;
                    return unless_there(&mut self.typed, name, "a second TYPE");
                }
                _ => return Ok(()),
            }
        }
        if line.starts_with('#') {
            return Ok(());
        }
        let (name, labels, value) = sample(line)?;
        let metric = if self.metrics.iter().any(|(metric, _)| *metric == name) {
            name
        } else {
            let base = name
                .strip_suffix("_sum")
                .or_else(|| name.strip_suffix("_count"));
            base.unwrap_or(name)
        };
        self.goes_on_with(metric)?;
        if !self.typed.contains(metric) || !self.helped.contains(metric) {
            return Err("a sample before the TYPE and the HELP of its metric");
        }
        let before = self.samples.insert((name.to_owned(), labels), value);
        before.map_or(Ok(()), |_| Err("the same sample a second time"))
    }

    /// A metric's lines stand together.
    fn goes_on_with(&mut self, metric: &str) -> Result<(), &'static str> {
        if self.metric == metric {
            return Ok(());
        }
        metric.clone_into(&mut self.metric);
        unless_there(
            &mut self.begun,
            metric,
            "the lines of this metric do not stand together",
        )
    }
}

fn unless_there(
    set: &mut BTreeSet<String>,
    name: &str,
    why: &'static str,
) -> Result<(), &'static str> {
    if set.insert(name.to_owned()) {
        Ok(())
    } else {
        Err(why)
    }
}

/// `name{label="value",...} 12.5`
fn sample(line: &str) -> Result<(&str, BTreeMap<String, String>, f64), &'static str> {
    let end = line.find(['{', ' ']).ok_or("no value")?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            rest = rest.trim_start_matches([' ', ',']);
            if let Some(after) = rest.strip_prefix('}') {
                rest = after;
                break;
            }
            let (label, after) = rest.split_once("=\"").ok_or("a label without a value")?;
            let (value, after) = quoted(after)?;
            if labels.insert(label.trim().to_owned(), value).is_some() {
                return Err("a label twice");
            }
            rest = after;
        }
    }
    let value = rest
        .trim()
        .parse()
        .map_err(|_| "the value is not a number alone")?;
    Ok((name, labels, value))
}

/// Up to the quote that ends it.
fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => value.push(match chars.next() {
                Some((_, 'n')) => '\n',
                Some((_, c @ ('\\' | '"'))) => c,
                _ => return Err("a backslash with nothing to escape"),
            }),
            c => value.push(c),
        }
    }
    Err("the quote of a label does not end")
}

/// A failure with the diagnosis `bad-format` if promtool refuses the text, where that is installed.
pub async fn lint(context: &CheckContext, text: &str) -> CheckResult {
    if !is_installed("promtool", &[]) {
        context.tell("the exposition is not linted: promtool is not installed");
        return Ok(());
    }
    let broken = |e: io::Error| CheckOutcome::grader_error("could not run promtool", e);
    let mut promtool = tokio::process::Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(broken)?;
    if let Some(mut stdin) = promtool.stdin.take() {
        stdin.write_all(text.as_bytes()).await.map_err(broken)?;
    }
    let done = promtool.wait_with_output().await.map_err(broken)?;
    if done.status.success() {
        return Ok(());
    }
    let said = [done.stdout, done.stderr].concat();
    let headline = "promtool finds fault with the exposition.";
    Err(Failure::new("bad-format", headline)
        .sent("promtool check metrics, with what the program told")
        .got(String::from_utf8_lossy(&said).into_owned())
        .expected("no complaint")
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &[Metric] = &[("target_up", "gauge")];

    #[test]
    fn samples_are_read_with_their_labels_as_they_are_meant() {
        let text =
            "# HELP target_up x\n# TYPE target_up gauge\ntarget_up{instance=\"a\\\"b\\n\"} 1\n";
        let key = (
            "target_up".to_owned(),
            BTreeMap::from([("instance".to_owned(), "a\"b\n".to_owned())]),
        );
        assert_eq!(read(text, METRICS), Ok(BTreeMap::from([(key, 1.0)])));
    }

    #[test]
    fn what_prometheus_refuses_is_refused() {
        let head = "# HELP target_up x\n# TYPE target_up gauge\n";
        for bad in [
            "target_up 1".to_owned(),
            "target_up 1\n".to_owned(),
            format!("{head}target_up one\n"),
            format!("{head}target_up 1\ntarget_up 1\n"),
            format!("{head}target_up{{a=\"b}} 1\n"),
            format!("{head}{head}"),
            "# TYPE target_up counter\n".to_owned(),
        ] {
            assert!(read(&bad, METRICS).is_err(), "{bad}");
        }
    }
}
