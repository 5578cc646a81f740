//! The printed job array, run by a real Slurm of one node, which the test starts where it is installed
//! (Debian: `slurm-wlm`). One task is killed half-way, and goes on.

use crate::support::PATIENCE;
use crate::support::program::Program;
use ddlab_exercises::harness::language::is_installed;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Enough runs that a task is still at work when it is killed, and few enough to be quick.
const SWEEP: &str = "lab sweep scatter-gather --seeds 0..48 --for 20s --vary policy=wait_all,hedge";

#[test]
fn an_array_of_slurm_comes_to_the_sweep_of_one_machine_though_a_task_is_killed_half_way() {
    if let Some(missing) = ["slurmctld", "slurmd", "sbatch"]
        .iter()
        .find(|name| !is_here(name))
    {
        println!("left out: `{missing}` is not installed (Debian: slurm-wlm)");
        return;
    }
    let home = Program::new();
    let script = home
        .run(&format!("{SWEEP} --slurm --completions 8 --parallelism 2"))
        .printed();
    fs::write(home.path("sweep.sbatch"), script).expect("the home can be written");

    let slurm = Slurm::start(&home);
    let said = slurm.ask("sbatch", &["sweep.sbatch"]);
    let job = said
        .split_whitespace()
        .last()
        .expect("the number of the job");
    let third = format!("{job}_2");
    let shard = home.path("shard-2.jsonl");
    // The head of the file and a run.
    slurm.until("a run of the third task", || rows(&shard) >= 2);
    slurm.ask("scontrol", &["requeue", &third]);
    // Slurm would wait two minutes before it tries again what was queued again.
    slurm.until("the third task to go on", || {
        let now = ["update", &format!("JobId={third}"), "StartTime=now"];
        // Refused while it runs again, and when it is done.
        let _ = slurm.try_ask("scontrol", &now);
        fs::read_to_string(home.path("shard-2.log"))
            .is_ok_and(|log| log.contains("in the file already"))
    });
    slurm.until("all tasks", || {
        slurm.ask("squeue", &["-h", "-j", job]).is_empty()
    });

    let files: Vec<String> = (0..8).map(|task| format!("shard-{task}.jsonl")).collect();
    let merged = home
        .run(&format!("lab merge --json {}", files.join(" ")))
        .printed();
    assert_eq!(merged, home.run(&format!("{SWEEP} --json")).printed());
}

fn rows(file: &Path) -> usize {
    fs::read_to_string(file).map_or(0, |text| text.lines().count())
}

fn is_here(name: &str) -> bool {
    // Daemons lie where the path of a user may not lead.
    is_installed(name, &["/usr/sbin", "/usr/local/sbin"])
}

/// A controller and the daemon of one node, in a folder and on ports of their own.
struct Slurm {
    home: PathBuf,
    daemons: Vec<Child>,
}

impl Slurm {
    fn start(program: &Program) -> Self {
        let home = program.path("");
        let folder = home.join("slurm");
        fs::create_dir_all(folder.join("state")).expect("the home can be written");
        fs::create_dir_all(folder.join("spool")).expect("the home can be written");
        fs::write(home.join("slurm.conf"), configuration(&folder))
            .expect("the home can be written");
        let mut slurm = Self {
            home,
            daemons: Vec::new(),
        };
        slurm.daemon("slurmctld");
        slurm.until("the controller", || {
            slurm
                .try_ask("scontrol", &["ping"])
                .is_some_and(|said| said.contains("UP"))
        });
        slurm.daemon("slurmd");
        slurm.until("the node", || {
            slurm.ask("sinfo", &["-h", "-o", "%T"]) == "idle"
        });
        slurm
    }

    fn daemon(&mut self, name: &str) {
        let log = fs::File::create(self.home.join(format!("{name}.out"))).expect("a file");
        let daemon = self
            .command(name)
            .arg("-D")
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        self.daemons.push(daemon);
    }

    fn command(&self, name: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_ddlab"))
            .parent()
            .expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(name);
        command
            .current_dir(&self.home)
            .env(
                "PATH",
                format!("{}:{path}:/usr/sbin:/usr/local/sbin", binary.display()),
            )
            .env("SLURM_CONF", self.home.join("slurm.conf"))
            .env("DDLAB_DATA", self.home.join("data"))
            .stdin(Stdio::null());
        command
    }

    /// What a command of Slurm prints; nothing where it fails.
    fn try_ask(&self, name: &str, args: &[&str]) -> Option<String> {
        let output = self
            .command(name)
            .args(args)
            .output()
            .expect("it is installed");
        let said = String::from_utf8_lossy(&output.stdout);
        output.status.success().then(|| said.trim().to_owned())
    }

    #[track_caller]
    fn ask(&self, name: &str, args: &[&str]) -> String {
        self.try_ask(name, args)
            .unwrap_or_else(|| panic!("{name} {args:?} failed\n{}", self.logs()))
    }

    /// Asks again and again; the commands that it asks with take their time.
    #[track_caller]
    fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(
                began.elapsed() < 2 * PATIENCE,
                "waited in vain for {what}\n{}",
                self.logs()
            );
            self.try_ask("scontrol", &["ping"]);
        }
    }

    fn logs(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.home.join(name)).unwrap_or_default();
        let tail = |text: String| {
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(12)..].join("\n")
        };
        ["slurmctld.out", "slurmd.out", "shard-0.log", "shard-2.log"]
            .map(|name| format!("--- {name}\n{}", tail(read(name))))
            .join("\n")
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        let _ = self.try_ask("scancel", &["--state=RUNNING", "--user", &user()]);
        for daemon in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

fn user() -> String {
    let output = Command::new("id")
        .arg("-un")
        .output()
        .expect("every Unix has it");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// slurm.conf: one node of two cores, nobody to account to, no keys to share.
fn configuration(folder: &Path) -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("a host has a name");
    let host = host.trim();
    let port = || {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        socket.local_addr().expect("it has an address").port()
    };
    let (controller, node, user, folder) = (port(), port(), user(), folder.display());
    format!(
        "\
ClusterName=ddlab
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/none
CredType=cred/none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"
    )
}
