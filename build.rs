//! Three things that the compiler cannot know by itself: `chapters/` is embedded in the program, so a
//! change there must rebuild it; its lists of questions and terms are embedded as JSON too, which is read ten
//! times as fast as YAML at each start; and the Rust that the chapters show must compile, so each snippet becomes
//! a module of the test `tests/all/snippets.rs`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=chapters");
    println!("cargo:rerun-if-changed=prompts");
    println!("cargo:rerun-if-changed=cheats");
    println!("cargo:rerun-if-changed=build.rs");
    let mut pages = Vec::new();
    pages_under(Path::new("chapters"), &mut pages);
    pages.sort();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts"));
    let mut modules = String::new();
    for page in &pages {
        println!("cargo:rerun-if-changed={}", page.display());
        let text = fs::read_to_string(page).unwrap_or_default();
        if page.extension().is_some_and(|end| end == "yaml") {
            as_json(&text, &out.join(page).with_extension("json"));
            continue;
        }
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
    }
    fs::write(out.join("snippets.rs"), modules).expect("OUT_DIR can be written");
}

/// Writes a YAML text as JSON. One that is broken is left to the program, which says where.
fn as_json(yaml: &str, file: &Path) {
    let Ok(value) = serde_yaml::from_str::<serde_json::Value>(yaml) else {
        return;
    };
    let folder = file.parent().expect("it lies below OUT_DIR");
    fs::create_dir_all(folder).expect("OUT_DIR can be written");
    fs::write(file, value.to_string()).expect("OUT_DIR can be written");
}

fn pages_under(folder: &Path, pages: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            pages_under(&path, pages);
        } else if path
            .extension()
            .is_some_and(|end| end == "md" || end == "yaml")
        {
            pages.push(path);
        }
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
