//! A server that answers `INFO` as Redis does, or badly.

use super::shared::Shared;
use super::witness::Witness;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it does instead of answering well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Hangs,
    /// Answers well, so much later.
    Slow(Duration),
    /// `-LOADING`, as after a restart.
    Loading,
    /// Promises more than it sends, and closes.
    BreaksOff,
    /// Sends its answer in small pieces, and does not come to an end.
    Drips,
}

#[derive(Debug, Default)]
struct State {
    info: String,
    trouble: Option<(Trouble, Witness)>,
    asked: usize,
}

/// Dropping it closes its port.
#[derive(Debug)]
pub struct Redis {
    pub address: String,
    state: Shared<State>,
    task: tokio::task::JoinHandle<()>,
}

impl Redis {
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let state = Shared::<State>::default();
        let shared = state.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, shared.clone()));
            }
        });
        Ok(Self {
            address,
            state,
            task,
        })
    }

    pub fn set_info(&self, info: String) {
        self.state.lock().info = info;
    }

    /// The witness hears of each `INFO` that meets the trouble.
    pub fn set_trouble(&self, trouble: Option<(Trouble, Witness)>) {
        self.state.lock().trouble = trouble;
    }

    /// How often it was asked for `INFO`.
    pub fn asked(&self) -> usize {
        self.state.lock().asked
    }

    /// Refuses connections from now on.
    pub fn close(&self) {
        self.task.abort();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.close();
    }
}

/// Answers as often as it is asked. A client that goes away is its own affair.
async fn serve(mut stream: TcpStream, state: Shared<State>) {
    let mut asked = Vec::new();
    let mut piece = [0; 512];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        asked.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&asked).to_uppercase();
        let whole = text.ends_with("\r\n") && text.contains("INFO");
        if !whole {
            continue;
        }
        asked.clear();
        let (info, trouble) = {
            let mut state = state.lock();
            state.asked += 1;
            if let Some((_, witness)) = &state.trouble {
                witness.hear();
            }
            let trouble = state.trouble.as_ref().map(|(trouble, _)| *trouble);
            (state.info.clone(), trouble)
        };
        if answer(&mut stream, &info, trouble).await.is_err() {
            return;
        }
    }
}

async fn answer(
    stream: &mut TcpStream,
    info: &str,
    trouble: Option<Trouble>,
) -> std::io::Result<()> {
    let good = format!("${}\r\n{info}\r\n", info.len());
    match trouble {
        // In two pieces, as it may always come.
        None => {
            let (first, rest) = good.as_bytes().split_at(good.len() / 3);
            stream.write_all(first).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            stream.write_all(rest).await
        }
        Some(Trouble::Hangs) => std::future::pending().await,
        Some(Trouble::Slow(by)) => {
            tokio::time::sleep(by).await;
            stream.write_all(good.as_bytes()).await
        }
        Some(Trouble::Loading) => {
            let said = b"-LOADING Redis is loading the dataset in memory\r\n";
            stream.write_all(said).await
        }
        Some(Trouble::BreaksOff) => {
            let half = &good.as_bytes()[..good.len() / 2];
            stream.write_all(half).await?;
            stream.shutdown().await?;
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        Some(Trouble::Drips) => {
            for byte in good.as_bytes().iter().cycle() {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
            Ok(())
        }
    }
}
