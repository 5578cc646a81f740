//! The briefs are packed into the program.

use ddlab_archive::{files_below, pack};
use std::path::Path;
use std::{env, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=briefs");
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    pack(
        &files_below(Path::new("briefs"))?,
        &Path::new(&out).join("briefs"),
    )
}
