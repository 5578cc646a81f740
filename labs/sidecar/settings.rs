//! The knobs as the types that the pattern works with.

use super::logger::{self, OnFull};
use super::pattern::{self, SaveOn};
use super::table::Knobs;
use crate::{choices, words};

words! { OnFull: Block, DropNew, DropOld }
words! { SaveOn: Acknowledged, Read }

choices! {
    /// Where the code lives that ships the lines.
    pub enum Mode {
        /// In a container beside the application.
        Sidecar,
        /// In the application's process.
        Library,
        /// In one process for all pods of the machine.
        NodeAgent,
    }

    pub enum Proxy {
        Off,
        /// Encrypts what leaves the pod, and tells both ends who they are.
        Mtls,
    }

    /// How the reloader hears of a change.
    pub enum Reload {
        Off,
        Watch,
        Poll,
    }
}

pub const MB: u64 = 1_000_000;
/// The queue of a library, in lines.
const LIBRARY_LINES: u64 = 10_000;
/// The kubelet rotates what a container prints at 10 MiB, and an agent can follow two such files.
const KUBELET_FILE: u64 = 10 << 20;
const KUBELET_FILES: u64 = 2;

impl Knobs {
    pub fn shipping(&self) -> pattern::Rules {
        pattern::Rules {
            batch: self.ship_batch.get(),
            every: self.ship_every.get(),
            save_on: self.checkpoint.get(),
            attempts: self.ship_attempts.get(),
        }
    }

    /// Where lines wait until they are shipped.
    pub fn log(&self) -> logger::Rules {
        let on_full = self.on_full.get();
        match self.mode.get() {
            Mode::Sidecar => {
                let file = self.rotate_mb.get() as u64 * MB;
                logger::Rules {
                    file,
                    total: (self.volume_mb.get() as u64 * MB).max(file),
                    on_full,
                }
            }
            Mode::Library => {
                let line = self.line_bytes.get() as u64;
                logger::Rules {
                    file: line,
                    total: line * LIBRARY_LINES,
                    on_full,
                }
            }
            Mode::NodeAgent => logger::Rules {
                file: KUBELET_FILE,
                total: KUBELET_FILE * KUBELET_FILES,
                on_full: OnFull::DropOld,
            },
        }
    }
}
