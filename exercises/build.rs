//! The statement, the starters and the programs of each exercise are packed into the program, and so is the plumbing
//! of learners' programs. What proves them stays code.

use ddlab_archive::{files_below, pack};
use std::path::Path;
use std::{env, fs, io};

/// What of an exercise's folder the program needs; one of the tests' own has the same.
const NEEDED: [&str; 5] = [
    "exercise.yaml",
    "statement.md",
    "starter",
    "solution",
    "wrong",
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=.");
    if env::var_os("CARGO_CFG_WINDOWS").is_some() {
        println!(
            "cargo::error=ddlab is not built for Windows: its grader needs signals and process groups of Unix; \
             build and run it within WSL"
        );
    }
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let out = Path::new(&out);
    pack(&files_below(Path::new("plumbing"))?, &out.join("plumbing"))?;
    for shelf in [".", "tests/common"] {
        for entry in fs::read_dir(shelf)? {
            let folder = entry?.path();
            if folder.join("exercise.yaml").is_file() {
                let mut files = files_below(&folder)?;
                files
                    .retain(|path, _| NEEDED.contains(&path.split('/').next().unwrap_or_default()));
                pack(&files, &out.join(folder.file_name().unwrap_or_default()))?;
            }
        }
    }
    Ok(())
}
