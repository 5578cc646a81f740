//! Thumbnails, a batch at a time.
//!
//! A record is a function of itself and of a point in time: good when the record is done, an error when
//! it has failed. Each call gets the time that is left, so nothing runs on after the answer.
#![allow(dead_code)]

mod http;
mod json;
mod variable;

use http::{Call, Request, Response};
use json::{Value, quoted};
use std::io;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

struct Record {
    id: String,
    path: String,
    token: String,
}

struct Function {
    images: String,
    thumbs: String,
    slots: Slots,
    scale: Mutex<Option<usize>>,
}

fn main() -> io::Result<()> {
    let function = Function {
        images: variable::text("IMAGES"),
        thumbs: variable::text("THUMBS"),
        slots: Slots {
            free: Mutex::new(variable::number("CONCURRENCY")),
            changed: Condvar::new(),
        },
        scale: Mutex::default(),
    };
    http::serve(variable::number("PORT"), move |request| function.respond(request))
}

impl Function {
    fn respond(&self, request: &Request) -> Response {
        let begun = Instant::now();
        if request.path == "/healthz" {
            return Response::new(200, r#"{"ok": true}"#);
        }
        let Some((limit, records)) = json::parse(&request.body).as_ref().and_then(read) else {
            return Response::new(400, r#"{"error": "POST /invoke with records"}"#);
        };
        let until = begun + limit;
        let failed: Vec<String> = std::thread::scope(|scope| {
            let work = |record| scope.spawn(move || self.handle(record, until));
            let running: Vec<_> = records.iter().map(work).collect();
            let ended = running.into_iter().map(|one| matches!(one.join(), Ok(Ok(()))));
            let ended = records.iter().zip(ended.collect::<Vec<_>>());
            ended.filter(|(_, done)| !done).map(|(record, _)| quoted(&record.id)).collect()
        });
        Response::new(200, format!(r#"{{"failed": [{}]}}"#, failed.join(", ")))
    }

    fn handle(&self, record: &Record, until: Instant) -> io::Result<()> {
        let scale = self.scale(until)?;
        let thumb = format!("{}/{}", self.thumbs, record.path);
        let token = format!("Bearer {}", record.token);
        let headers = [("Authorization", token.as_str())];
        let call = |method, url, body| {
            let call = Call {
                headers: &headers,
                body,
                ..Call::new(method, url)
            };
            http::send(&call, until)
        };
        let found = call("GET", &thumb, "")?;
        if found.status == 200 {
            return Ok(());
        }
        if found.status != 404 {
            expect_ok(found)?;
        }
        let image = format!("{}/{}", self.images, record.path);
        let image = self.slots.within(until, || call("GET", &image, ""))?;
        let thumbnail = shrink(&expect_ok(image)?.body, scale);
        expect_ok(call("PUT", &thumb, &thumbnail)?).map(drop)
    }

    fn scale(&self, until: Instant) -> io::Result<usize> {
        let mut scale = self.scale.lock().unwrap();
        if let Some(scale) = *scale {
            return Ok(scale);
        }
        let answer = expect_ok(http::get(&format!("{}/config", self.images), until)?)?;
        let found = json::parse(&answer.body).and_then(|config| config.get("scale")?.as_number());
        let found = found.ok_or_else(|| io::Error::other("the configuration has no scale"))?;
        *scale = Some(found as usize);
        Ok(found as usize)
    }
}

fn read(event: &Value) -> Option<(Duration, Vec<Record>)> {
    let record = |value: &Value| {
        let text = |key| value.get(key)?.as_text().map(str::to_owned);
        Some(Record {
            id: text("id")?,
            path: format!("{}/{}", text("tenant")?, text("image")?),
            token: text("token")?,
        })
    };
    let limit = event.get("deadline_ms")?.as_number()? as u64;
    let records = event.get("records")?.as_list()?.iter().map(record);
    Some((Duration::from_millis(limit), records.collect::<Option<_>>()?))
}

fn expect_ok(answer: Response) -> io::Result<Response> {
    if answer.status == 200 {
        return Ok(answer);
    }
    Err(io::Error::other(format!("a store answered {}", answer.status)))
}

fn shrink(image: &str, scale: usize) -> String {
    let lines: Vec<&str> = image.lines().collect();
    let is_whole = lines.first().is_some_and(|first| lines.iter().all(|l| l.len() == first.len()));
    if !is_whole {
        return "broken".to_owned();
    }
    let shrink = |line: &&str| line.chars().step_by(scale).collect::<String>() + "\n";
    lines.iter().step_by(scale).map(shrink).collect()
}

/// Room for so many at a time.
struct Slots {
    free: Mutex<usize>,
    changed: Condvar,
}

impl Slots {
    fn within<T>(&self, until: Instant, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let left = until.saturating_duration_since(Instant::now());
        let free = self.free.lock().unwrap();
        let waited = self.changed.wait_timeout_while(free, left, |free| *free == 0);
        let (mut free, _) = waited.unwrap();
        if *free == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        *free -= 1;
        drop(free);
        let result = work();
        *self.free.lock().unwrap() += 1;
        self.changed.notify_one();
        result
    }
}
