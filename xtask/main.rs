//! `cargo xtask new lab NAME`, `new exercise NAME`, `new chapter NAME`, `new screen NAME`: a folder that builds, and
//! that says by ignored tests what is still to be done.
//!
//! - [`name`]: the forms of a name: `hedged-requests`, `hedged_requests`, `HedgedRequests`, `Hedged requests`.
//! - [`layout`]: what is written where; `cost` holds how much a lab costs its author.
//!
//! A chapter begins as a copy of `templates/`, a lab as one of `labs/template`, an exercise as one of
//! `exercises/template`, a screen as one of `src/tui/screen/template`.
//!
//! `cargo xtask texts` and `cargo xtask translate`: see [`texts`].

#[cfg(test)]
mod cost;
mod layout;
mod name;
mod texts;

use layout::{Kind, lay_out};
use name::Name;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask new chapter NAME
       cargo xtask new lab NAME
       cargo xtask new exercise NAME
       cargo xtask new screen NAME
       cargo xtask texts                  all that the program says, for gettext's tools
       cargo xtask translate PO FOLDER    a copy of the sources that says what PO says";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(next) => {
            println!("{next}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<String, String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = workspace.parent().expect("xtask lies in the workspace");
    match arguments.as_slice() {
        ["new", kind, name] => {
            let kind =
                Kind::parse(kind).ok_or_else(|| format!("`{kind}` can't be made\n{USAGE}"))?;
            lay_out(kind, &Name::parse(name)?, workspace, workspace)
        }
        ["texts"] => texts::template(workspace),
        ["translate", po, folder] => {
            let folder = Path::new(folder);
            let places = texts::translate(workspace, Path::new(po), folder)?;
            let folder = folder.display();
            Ok(format!(
                "{places} places are translated; build it: cd {folder} && cargo run"
            ))
        }
        _ => Err(USAGE.to_owned()),
    }
}
