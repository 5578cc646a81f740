//! What a stranger meets who installs the program: completions, manual pages, `doctor`, the image.

use crate::support::program::{Program, Ran};
use std::path::Path;

/// The subcommands that help names, with theirs: `lab run`.
fn subcommands(learner: &Program, of: &str) -> Vec<String> {
    let help = learner.run(&format!("{of} --help")).printed();
    let commands = help.split("Commands:").nth(1).unwrap_or_default();
    commands
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(|name| format!("{of} {name}").trim().to_owned())
        .collect()
}

#[test]
fn each_subcommand_has_a_manual_page_and_is_completed_in_each_shell() {
    let learner = Program::new();
    let pages = tempfile::tempdir().expect("a folder");
    learner
        .run(&format!("man {}", pages.path().display()))
        .printed();
    let mut names = subcommands(&learner, "");
    assert!(names.len() > 8, "{names:?}");
    names.extend(subcommands(&learner, "lab"));
    for name in &names {
        let page = format!("ddlab-{}.1", name.replace(' ', "-"));
        let text = std::fs::read_to_string(pages.path().join(&page)).expect(&page);
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = learner.run(&format!("completions {shell}")).printed();
        for name in names.iter().filter_map(|name| name.split(' ').next_back()) {
            assert!(script.contains(name), "{shell} does not know `{name}`");
        }
    }
    let page = learner.run("man").printed();
    assert!(page.contains("ddlab\\-lab(1)"), "{page}");
}

#[test]
fn doctor_tells_versions_and_limits_and_names_nobody() {
    let learner = Program::new();
    let data = learner.path("data");
    let home = data.parent().expect("a folder in the home");
    let said = Ran::of(learner.command("doctor").env("HOME", home), "").printed();
    for word in [
        env!("CARGO_PKG_VERSION"),
        "record",
        "13 chapters",
        "open files",
        "no terminal",
        "~/data",
    ] {
        assert!(said.contains(word), "no `{word}` in:\n{said}");
    }
    let home = home.display().to_string();
    assert!(!said.contains(&home), "the home folder is named:\n{said}");
    assert!(said.contains("not there yet"), "{said}");
}

#[test]
fn no_folder_of_a_crate_is_left_out_of_its_package() {
    fn manifests(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let hidden = name.to_string_lossy().starts_with('.');
            if path.is_dir() && !path.is_symlink() && !hidden && name != "target" {
                manifests(&path, found);
            } else if name == "Cargo.toml" {
                found.push(
                    folder
                        .file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into(),
                );
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = ["text", "archive", "practice", "labs", "design", "exercises"];
    let mut found = Vec::new();
    for folder in crates {
        manifests(&root.join(folder), &mut found);
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(
                root.join(folder).join(file).is_file(),
                "{folder} has no {file}"
            );
        }
    }
    // Cargo takes a folder with a manifest for another package: what it holds would be missing.
    assert_eq!(found, crates);
}

#[test]
fn the_image_is_made_of_files_that_are_here_and_its_user_is_not_root() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(root.join("Dockerfile")).expect("Dockerfile");
    let of = |word: &str| -> Vec<&str> {
        file.lines()
            .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
            .collect()
    };
    assert_eq!(
        of("FROM").len(),
        2,
        "a stage that builds, a stage that runs"
    );
    assert!(of("FROM")[1].starts_with("scratch"));
    assert_eq!(of("USER"), ["65532:65532"]);
    for line in of("COPY").iter().filter(|line| !line.starts_with("--from")) {
        let mut names: Vec<&str> = line.split_whitespace().collect();
        names.pop();
        for name in names {
            assert!(
                root.join(name).exists(),
                "COPY of `{name}`, which is not here"
            );
        }
    }
}
