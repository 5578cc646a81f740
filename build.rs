//! What the compiler cannot know by itself: `chapters/`, `prompts/` and `cheats/` are packed into the
//! program, so a change there must rebuild it; the lists of questions and terms are packed as JSON too, which is read
//! ten times as fast as YAML at each start; and the Rust that the chapters show must compile, so each snippet becomes
//! a module of the test `tests/all/snippets.rs`. And the binary that is shipped is linked small.

use ddlab_archive::{Files, files_below, pack};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// The reference of designs, which `ddlab design format` prints.
const FORMAT: &str = "docs/design-format.md";

fn main() -> io::Result<()> {
    link_small();
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let out = Path::new(&out);
    println!("cargo:rerun-if-changed=build.rs");
    for folder in ["chapters", "prompts", "cheats"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    for folder in ["prompts", "cheats"] {
        pack(&files_below(Path::new(folder))?, &out.join(folder))?;
    }
    println!("cargo:rerun-if-changed={FORMAT}");
    let format = Files::from([(FORMAT.to_owned(), fs::read_to_string(FORMAT)?)]);
    pack(&format, &out.join("format"))?;
    let (mut read, mut lists, mut modules) = (Files::new(), Files::new(), String::new());
    for (path, text) in files_below(Path::new("chapters"))? {
        if let Some(name) = path.strip_suffix(".yaml") {
            // One that is broken is left to the program, which says where.
            match serde_yaml::from_str::<serde_json::Value>(&text) {
                Ok(value) => read.insert(format!("{name}.json"), value.to_string()),
                Err(_) => read.insert(path.clone(), text.clone()),
            };
            // Who writes content asks for lines; what is shipped has been checked.
            if env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
                lists.insert(path, text);
            }
        } else if path.strip_suffix(".md").is_some() {
            let page = Path::new("chapters").join(&path);
            for snippet in rust_snippets(&text) {
                let stem: String = page
                    .to_string_lossy()
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                    .collect();
                let _ = write!(
                    modules,
                    "// {}:{}\nmod {stem}_line_{} {{\n{}}}\n",
                    page.display(),
                    snippet.line,
                    snippet.line,
                    snippet.code
                );
            }
            read.insert(path, text);
        }
    }
    pack(&read, &out.join("chapters"))?;
    pack(&lists, &out.join("lists"))?;
    fs::write(out.join("snippets.rs"), modules)
}

/// The static binary that is shipped for x86-64 Linux, where Rust links by lld: functions of the same code are kept
/// once, and its relative relocations, 24 bytes each, as bits.
fn link_small() {
    let of = |name: &str| env::var(name).unwrap_or_default();
    let features = of("CARGO_CFG_TARGET_FEATURE");
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    if is_static && of("TARGET") == "x86_64-unknown-linux-gnu" {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all,-z,pack-relative-relocs");
    }
}

struct Snippet {
    /// The line of the opening fence, 1-based.
    line: usize,
    code: String,
}

/// The fences that say `rust` and nothing else: one with `include=` is an excerpt of code that is
/// compiled where it lives.
fn rust_snippets(text: &str) -> Vec<Snippet> {
    let mut found = Vec::new();
    let mut open: Option<Snippet> = None;
    for (number, line) in text.lines().enumerate() {
        let bare = line.trim();
        match &mut open {
            None if bare == "```rust" => {
                open = Some(Snippet {
                    line: number + 1,
                    code: String::new(),
                });
            }
            None => {}
            Some(_) if bare == "```" => found.extend(open.take()),
            Some(snippet) => {
                snippet.code.push_str(line);
                snippet.code.push('\n');
            }
        }
    }
    found
}
