//! The statement, the starters and the programs of each exercise are embedded in the binary.
//! `include_dir` on stable Rust does not notice a *new* file; this does.

fn main() {
    println!("cargo::rerun-if-changed=.");
}
