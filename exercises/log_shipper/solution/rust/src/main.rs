//! Logs that leave without the application.
//!
//! The state is an inode and the offset of the first byte in that file that the store has not
//! confirmed. One loop: read whole lines, send them until none is left over, save the offset.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::Call;
use json::{Value, quoted};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

struct Shipper {
    logs: String,
    state: String,
    url: String,
    batch_max: usize,
    flush: Duration,
    sink: Duration,
    retry: Duration,
    rotate: Duration,
    look: Duration,
}

struct Line {
    offset: u64,
    text: String,
}

fn main() -> io::Result<()> {
    let flush = variable::milliseconds("FLUSH_MS");
    let shipper = Shipper {
        logs: variable::text("LOG_DIR"),
        state: format!("{}/position", variable::text("STATE_DIR")),
        url: format!("{}/_bulk", variable::text("SINK")),
        batch_max: variable::number("BATCH_MAX"),
        flush,
        sink: variable::milliseconds("SINK_MS"),
        retry: variable::milliseconds("RETRY_MS"),
        rotate: variable::milliseconds("ROTATE_MS"),
        look: (flush / 3).min(Duration::from_millis(50)),
    };
    shipper.run()
}

impl Shipper {
    fn run(&self) -> io::Result<()> {
        let (mut inode, mut offset) = match self.load() {
            Some(position) => position,
            None => (self.files().first().map_or(0, |(inode, _)| *inode), 0),
        };
        loop {
            let files = self.files();
            let at = files.iter().position(|(known, _)| *known == inode);
            let at = at.ok_or_else(|| io::Error::other("the file of the state is gone"))?;
            self.ship(inode, File::open(&files[at].1)?, offset)?;
            // Names have changed meanwhile; the order has not.
            let files = self.files();
            let at = files.iter().position(|(known, _)| *known == inode);
            (inode, offset) = (files[at.unwrap_or(0) + 1].0, 0);
            self.save(inode, offset)?;
        }
    }

    /// The log's files by inode, the oldest first.
    fn files(&self) -> Vec<(u64, PathBuf)> {
        loop {
            // A rotation is under way when a name is not there any more; look again.
            if let Ok(files) = self.list_files() {
                return files;
            }
            sleep(Duration::from_millis(1));
        }
    }

    fn list_files(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.logs)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let number = match name.strip_prefix("app.log") {
                Some("") => Some(0),
                Some(end) => end.strip_prefix('.').and_then(|nr| nr.parse::<u32>().ok()),
                None => None,
            };
            if let Some(number) = number {
                found.push((number, fs::metadata(&path)?.ino(), path));
            }
        }
        found.sort_by(|a, b| b.cmp(a));
        Ok(found.into_iter().map(|(_, inode, path)| (inode, path)).collect())
    }

    fn load(&self) -> Option<(u64, u64)> {
        let text = fs::read_to_string(&self.state).ok()?;
        let (inode, offset) = text.trim().split_once(' ')?;
        Some((inode.parse().ok()?, offset.parse().ok()?))
    }

    fn save(&self, inode: u64, offset: u64) -> io::Result<()> {
        let fresh = format!("{}.new", self.state);
        let mut file = File::create(&fresh)?;
        writeln!(file, "{inode} {offset}")?;
        file.sync_all()?;
        fs::rename(fresh, &self.state)
    }

    /// Ships a file from there on until it is rotated and finished.
    fn ship(&self, inode: u64, file: File, mut offset: u64) -> io::Result<()> {
        let mut file = BufReader::new(file);
        let (mut rotated, mut first_seen) = (None, None);
        loop {
            let now = Instant::now();
            if self.files().last().is_some_and(|(current, _)| *current != inode) {
                rotated.get_or_insert(now);
            }
            let (lines, end) = self.whole_lines(&mut file, offset)?;
            if lines.is_empty() {
                if rotated.is_some_and(|at| now >= at + self.rotate) {
                    return Ok(());
                }
                sleep(self.look);
                continue;
            }
            let since = *first_seen.get_or_insert(now);
            if lines.len() < self.batch_max && now < since + self.flush / 2 {
                sleep(self.look);
                continue;
            }
            self.deliver(inode, lines);
            (offset, first_seen) = (end, None);
            self.save(inode, offset)?;
        }
    }

    fn whole_lines(&self, file: &mut BufReader<File>, offset: u64) -> io::Result<(Vec<Line>, u64)> {
        let mut at = file.seek(SeekFrom::Start(offset)).map(|_| offset)?;
        let mut lines = Vec::new();
        while lines.len() < self.batch_max {
            let mut line = Vec::new();
            let count = file.read_until(b'\n', &mut line)?;
            if line.pop() != Some(b'\n') {
                break;
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            lines.push(Line { offset: at, text });
            at += count as u64;
        }
        Ok((lines, at))
    }

    /// Sends them until the store has taken or refused each of them.
    fn deliver(&self, inode: u64, mut lines: Vec<Line>) {
        loop {
            if let Some(statuses) = self.send(inode, &lines) {
                let mut statuses = statuses.into_iter();
                lines.retain(|_| matches!(statuses.next(), Some(429.0 | 503.0)));
            }
            if lines.is_empty() {
                return;
            }
            sleep(self.retry);
        }
    }

    fn send(&self, inode: u64, lines: &[Line]) -> Option<Vec<f64>> {
        let mut body = String::new();
        for Line { offset, text } in lines {
            body += &format!("{{\"index\":{{\"_id\":\"{inode}-{offset}\"}}}}\n");
            body += &format!("{{\"message\":{}}}\n", quoted(text));
        }
        let call = Call {
            headers: &[("Content-Type", "application/x-ndjson")],
            body: &body,
            ..Call::new("POST", &self.url)
        };
        let answer = http::send(&call, Instant::now() + self.sink).ok()?;
        let value = (answer.status == 200).then(|| json::parse(&answer.body))??;
        let items = value.get("items")?.as_list()?;
        let status = |item: &Value| item.get("index")?.get("status")?.as_number();
        items.iter().map(status).collect()
    }
}
