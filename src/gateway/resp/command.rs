//! What each command does: those on keys travel through the lab, by its endpoints for keys.

use super::parse::WORDS_MAX;
use super::reply::Reply;
use crate::gateway::site::Site;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::outside::endpoint::{EndpointSpec, Method};
use ddlab_labs::workbench::outside::{Outside, Refusal, Why};
use futures::future::join_all;
use std::net::SocketAddr;

/// Keys of one MGET or DEL.
const KEYS_MAX: usize = WORDS_MAX - 1;
/// Slots of a cluster.
const LAST_SLOT: i64 = 16_383;
/// Whose protocol this is, for clients that ask.
const REDIS_VERSION: &str = "7.2.0";

/// The two endpoints that a lab of keys has.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    read: &'static EndpointSpec,
    write: &'static EndpointSpec,
}

impl Keys {
    /// None of a lab that has no keys.
    pub fn of(endpoints: &'static [EndpointSpec]) -> Option<Self> {
        let find = |method| {
            let mut endpoints = endpoints.iter();
            endpoints.find(|it| it.method == method && it.path == "/keys/{key}")
        };
        Some(Self {
            read: find(Method::Get)?,
            write: find(Method::Put)?,
        })
    }
}

/// One client's commands.
pub struct Commands<'a> {
    pub site: &'a Site,
    pub keys: Keys,
    pub address: SocketAddr,
}

/// A command, its words at least and at most, and what it does.
const COMMANDS: [(&str, i64, usize); 11] = [
    ("get", 2, 2),
    ("set", 3, 3),
    ("del", -2, KEYS_MAX + 1),
    ("mget", -2, KEYS_MAX + 1),
    ("ping", -1, 2),
    ("echo", 2, 2),
    ("info", -1, 2),
    ("cluster", -2, 2),
    ("command", -1, WORDS_MAX),
    ("select", 2, 2),
    ("quit", -1, 1),
];

impl Commands<'_> {
    pub async fn answer(&self, words: &[Vec<u8>]) -> Reply {
        let Ok(words) = texts(words) else {
            return Reply::error(
                "ERR",
                "a word is not written in UTF-8; this server keeps text",
            );
        };
        let name = words[0].to_ascii_lowercase();
        let Some((_, least, most)) = COMMANDS.iter().find(|(known, ..)| *known == name) else {
            let known = COMMANDS.map(|(name, ..)| name).join(", ");
            let given = ddlab_text::given(words[0]);
            let message = format!("unknown command '{given}'; this server knows {known}");
            return Reply::error("ERR", &message);
        };
        if words.len() < least.unsigned_abs() as usize || words.len() > *most {
            let message = format!("wrong number of arguments for '{name}' command");
            return Reply::error("ERR", &message);
        }
        let arguments = &words[1..];
        match &*name {
            "get" => self.get(arguments[0]).await,
            "set" => self.set(arguments[0], arguments[1]).await,
            "del" => self.delete(arguments).await,
            "mget" => {
                let all = arguments.iter().map(|key| self.get(key));
                let all = join_all(all).await;
                // Redis gives no error for one key.
                let error = all.iter().find(|reply| matches!(reply, Reply::Error(_)));
                error.cloned().unwrap_or(Reply::List(all))
            }
            "ping" if arguments.is_empty() => Reply::Word("PONG"),
            "ping" | "echo" => Reply::Text(arguments[0].to_owned()),
            "info" => Reply::Text(self.info().await),
            "cluster" => self.cluster(arguments[0]),
            "command" => commands(arguments),
            "select" if arguments[0] != "0" => Reply::error("ERR", "there is one database, 0"),
            _ => Reply::Word("OK"),
        }
    }

    /// Asks the lab, when this server may be asked again.
    async fn ask(
        &self,
        endpoint: &'static EndpointSpec,
        key: &str,
        value: Option<&str>,
    ) -> Result<serde_json::Value, Reply> {
        self.site.wait_for_allowance().await;
        let argument = Some(format!("named:{key}"));
        let asked = Outside::new(endpoint, argument, value.map(str::to_owned));
        let asked = asked.map_err(|error| Reply::error("ERR", &error.to_string()))?;
        let answer = self.site.outcome(self.site.run.request(asked));
        let limit = self.site.limits.request;
        let answer = tokio::time::timeout(limit, answer).await.map_err(|_| {
            let message = format!("no answer came within {} s", limit.as_secs_f64());
            Reply::error("ERR", &message)
        })?;
        let answer = answer.map_err(|failure| Reply::error("ERR", &failure.message))?;
        answer
            .map(|answered| answered.body)
            .map_err(|refusal| refused(&refusal))
    }

    async fn get(&self, key: &str) -> Reply {
        match self.ask(self.keys.read, key, None).await {
            Ok(body) => match body["value"].as_str() {
                Some("") => Reply::Null,
                Some(value) => Reply::Text(value.to_owned()),
                // The lab's own load wrote it last: its values are versions.
                None => match body["version"].as_u64() {
                    Some(version) if version > 0 => Reply::Text(format!("version {version}")),
                    _ => Reply::Null,
                },
            },
            Err(reply) => reply,
        }
    }

    async fn set(&self, key: &str, value: &str) -> Reply {
        match self.ask(self.keys.write, key, Some(value)).await {
            Ok(_) => Reply::Word("OK"),
            Err(reply) => reply,
        }
    }

    /// A key that is deleted holds an empty text, which reads as nothing.
    async fn delete(&self, keys: &[&str]) -> Reply {
        let all = keys
            .iter()
            .map(|key| self.ask(self.keys.write, key, Some("")));
        let all: Result<Vec<_>, Reply> = join_all(all).await.into_iter().collect();
        match all {
            Ok(all) => Reply::Number(all.len() as i64),
            Err(reply) => reply,
        }
    }

    async fn info(&self) -> String {
        let frame = self.site.frame().await;
        let mut lines = vec![
            "# Server".to_owned(),
            format!("redis_version:{REDIS_VERSION}"),
            "redis_mode:standalone".to_owned(),
            format!("tcp_port:{}", self.address.port()),
            "# Lab".to_owned(),
            format!("lab:{}", self.site.spec().id),
            format!("virtual_seconds:{:.3}", frame.now.as_secs_f64()),
        ];
        for metric in &frame.metrics {
            if let Some(value) = metric.value.get(Statistic::Value) {
                lines.push(format!("{}:{value:.3}", metric.name));
            }
        }
        lines.join("\r\n") + "\r\n"
    }

    /// A client sees one node, the proxy: it owns all slots, and knows the shards.
    fn cluster(&self, what: &str) -> Reply {
        if !what.eq_ignore_ascii_case("slots") {
            return Reply::error(
                "ERR",
                "unknown subcommand of CLUSTER; this server knows SLOTS",
            );
        }
        let node = Reply::List(vec![
            Reply::Text(self.address.ip().to_string()),
            Reply::Number(self.address.port().into()),
            Reply::Text(format!("{:0>40}", self.site.run.frame().seed)),
        ]);
        let range = vec![Reply::Number(0), Reply::Number(LAST_SLOT), node];
        Reply::List(vec![Reply::List(range)])
    }
}

fn texts(words: &[Vec<u8>]) -> Result<Vec<&str>, std::str::Utf8Error> {
    words.iter().map(|word| std::str::from_utf8(word)).collect()
}

fn refused(refusal: &Refusal) -> Reply {
    let code = match refusal.why {
        Why::Shed | Why::TimedOut => "TRYAGAIN",
        _ => "ERR",
    };
    Reply::error(code, &format!("{}; {}", refusal.message, refusal.hint))
}

/// Names, and how many words each has: negative, at least so many.
fn commands(arguments: &[&str]) -> Reply {
    let of_each = |(name, words, _): &(&str, i64, usize)| {
        let first_key = i64::from(["get", "set", "del", "mget"].contains(name));
        let last_key = if *words < 0 { -first_key } else { first_key };
        Reply::List(vec![
            Reply::Text((*name).to_owned()),
            Reply::Number(*words),
            Reply::List(Vec::new()),
            Reply::Number(first_key),
            Reply::Number(last_key),
            Reply::Number(first_key),
        ])
    };
    match arguments
        .first()
        .map(|what| what.to_ascii_lowercase())
        .as_deref()
    {
        None => Reply::List(COMMANDS.iter().map(of_each).collect()),
        Some("count") => Reply::Number(COMMANDS.len() as i64),
        // What a shell asks for when it starts, to help with typing.
        Some("docs") => Reply::List(Vec::new()),
        Some(_) => Reply::error(
            "ERR",
            "this server knows COMMAND, COMMAND COUNT and COMMAND DOCS",
        ),
    }
}
