//! `ddlab lab serve`: a lab that runs at the pace of the clock, for real clients.

use super::world::World;
use crate::gateway::{self, Gateway, Limits, PORT, StartError, resp};
use clap::Args;
use ddlab_labs::workbench::run::{RunHandle, RunOptions};
use ddlab_text::counted;
use eyre::{Result, WrapErr, eyre};
use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The port of 127.0.0.1; 0 is any that is free
    #[arg(long, default_value_t = PORT, value_name = "N")]
    port: u16,
    /// Speaks RESP2, too, on this port of 127.0.0.1, so that redis-cli and redis-benchmark travel through the lab; 0 is any
    /// that is free. For labs with keys
    #[arg(long, value_name = "PORT")]
    resp: Option<u16>,
    #[command(flatten)]
    world: World,
}

impl ServeArgs {
    /// What is served, as it was given.
    pub fn file(&self) -> &str {
        &self.world.lab
    }
}

/// Serves until ctrl-C or SIGTERM; then what is in flight is answered.
pub fn run(out: &mut impl Write, args: &ServeArgs) -> Result<ExitCode> {
    let plan = args.world.plan()?;
    let (lab, seed) = (plan.lab, plan.seed);
    if args.resp.is_some() && !resp::has_keys(lab.spec()) {
        let labs = ddlab_labs::all().iter().map(|lab| lab.spec());
        let labs: Vec<&str> = labs
            .filter(|spec| resp::has_keys(spec))
            .map(|spec| spec.id)
            .collect();
        return Err(eyre!(
            "`{}` has no keys, so --resp has nothing to serve; serve {} or leave --resp out",
            lab.spec().id,
            labs.join(", ")
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .wrap_err("cannot wait for signals")?;
    // From before the address is printed: who has read it may end the server at once.
    let ended = runtime.block_on(async { Ended::listen() })?;
    let options = RunOptions {
        plan,
        speed: 1.0,
        playing: true,
        expected: Vec::new(),
    };
    let run =
        RunHandle::start(options, Box::new(|| ())).wrap_err("cannot start a thread for the lab")?;
    let (client, limits) = (run.client(), Limits::default());
    let gateway = Gateway::start_with_resp(client, args.port, args.resp, limits, Box::new(|_| ()));
    let gateway = gateway.map_err(|error| match error {
        StartError::InUse(port) => eyre!(
            "port {port} of 127.0.0.1 is in use; choose another one with --port (or --resp), or any that is free with --port 0"
        ),
        other => eyre!(other),
    })?;
    let url = gateway.url();
    writeln!(
        out,
        "{} (seed {seed}) on {url}, virtual time at 1x",
        lab.spec().title
    )?;
    for endpoint in &lab.spec().endpoints {
        writeln!(out, "  {}", gateway::curl(&url, endpoint))?;
    }
    if let Some(address) = gateway.resp_address() {
        writeln!(out, "  redis-cli -p {} GET key:1", address.port())?;
    }
    writeln!(
        out,
        "  curl {url}/ lists all, {url}/metrics is for Prometheus; ctrl-C ends it."
    )?;
    out.flush()?;
    runtime.block_on(ended.any());
    let answered = gateway.finish();
    // The lab goes on until the last of them is answered.
    drop(run);
    writeln!(out, "{} answered.", counted(answered, "request"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
struct Ended([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Ended {
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).wrap_err("cannot wait for signals");
        Ok(Self([
            listen(SignalKind::interrupt())?,
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        ]))
    }

    async fn any(self) {
        let [mut interrupt, mut terminate, mut hangup] = self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Ended;

#[cfg(not(unix))]
impl Ended {
    fn listen() -> Result<Self> {
        Ok(Self)
    }

    async fn any(self) {
        // Without it nobody can end the server but by killing it, which is an end too.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
