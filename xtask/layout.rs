//! Copies a template's folder to its place, and declares the new module where there is one.

use crate::name::Name;
use std::fs;
use std::path::{Path, PathBuf};

/// What can be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Chapter,
    Lab,
    Exercise,
    Screen,
}

impl Kind {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "chapter" => Some(Self::Chapter),
            "lab" => Some(Self::Lab),
            "exercise" => Some(Self::Exercise),
            "screen" => Some(Self::Screen),
            _ => None,
        }
    }

    /// The folder that is copied, below the workspace. Those of a lab, an exercise and a screen hold, and tests
    /// try them.
    const fn template(self) -> &'static str {
        match self {
            Self::Chapter => "xtask/templates/chapter",
            Self::Lab => "labs/template",
            Self::Exercise => "exercises/template",
            Self::Screen => "src/tui/screen/template",
        }
    }
}

/// Writes the folder below `workspace`, from the templates below `source`. Returns what to do next, in a few lines.
pub fn lay_out(kind: Kind, name: &Name, source: &Path, workspace: &Path) -> Result<String, String> {
    let number = next_chapter(&workspace.join("chapters"))?;
    let folder = match kind {
        Kind::Chapter => format!("chapters/{number:02}-{}", name.slug()),
        Kind::Lab => format!("labs/{}", name.module()),
        Kind::Exercise => format!("exercises/{}", name.module()),
        Kind::Screen => format!("src/tui/screen/{}", name.module()),
    };
    let target = workspace.join(&folder);
    if target.exists() {
        return Err(format!("{folder} exists; choose another name"));
    }
    let fill = |text: &str| {
        let text = name.fill(text).replace("__NUMBER__", &number.to_string());
        match kind {
            Kind::Exercise => name_exercise(&text, name),
            Kind::Lab | Kind::Screen => name_template(&text, name),
            Kind::Chapter => text,
        }
    };
    copy(&source.join(kind.template()), &target, &fill)?;
    let package = |package: &str| workspace.join(package);
    match kind {
        Kind::Chapter => Ok(format!(
            "{folder} is a stub: `coming: true` in chapter.md says so.\n\
             Write it, drop that line, and `cargo run -- content check` lists what is still missing."
        )),
        Kind::Lab => {
            declare(&package("labs").join("lib.rs"), &name.module())?;
            Ok(format!(
                "{folder} is a stub: it runs, and nobody can open it yet.\n\
                 What is to do, as failing tests: cargo test -p ddlab-labs {0}:: -- --ignored\n\
                 To let people open it, give it its line in `all()` of labs/lib.rs: &{0}::LAB\n\
                 When the reminders pass, drop them.",
                name.module()
            ))
        }
        Kind::Exercise => {
            declare(&package("exercises").join("lib.rs"), &name.module())?;
            Ok(format!(
                "{folder} is a stub: `stub: true` in exercise.yaml says so.\n\
                 Give it its line in exercises/catalog.rs: &crate::{}::EXERCISE\n\
                 When that line of exercise.yaml is gone, `cargo test -p ddlab-exercises --test trust` asks for all of it.",
                name.module()
            ))
        }
        Kind::Screen => {
            add_screen(workspace, name)?;
            Ok(format!(
                "{folder} is a stub: its place opens it, and nothing leads there yet.\n\
                 A key or an entry of the palette returns `Effect::Open(Place::{})`. Keys of its own are a context in\n\
                 src/tui/keymap/table.rs.\n\
                 What is to do, as a failing test: cargo test -p ddlab --lib {}:: -- --ignored",
                name.type_name(),
                name.module()
            ))
        }
    }
}

/// Gives a screen its `Place`, and has `open` make it: the lines before those of the template.
fn add_screen(workspace: &Path, name: &Name) -> Result<(), String> {
    let tui = workspace.join("src/tui");
    let screens = tui.join("screen/mod.rs");
    let (module, place) = (name.module(), name.type_name());
    declare(&screens, &module)?;
    insert(
        &screens,
        "        #[cfg(test)]\n        Place::Template",
        &format!("        Place::{place} => Box::new({module}::{place}::default()),\n"),
    )?;
    insert(
        &tui.join("effect.rs"),
        "    /// What a new screen begins as.\n",
        &format!("    /// TODO say what one sees there.\n    {place},\n"),
    )
}

/// Puts a text before a mark of a file.
fn insert(file: &Path, mark: &str, text: &str) -> Result<(), String> {
    let before = fs::read_to_string(file).map_err(|error| trouble("read", file, &error))?;
    let at = before
        .find(mark)
        .ok_or_else(|| format!("{} has no place for it: `{}`", file.display(), mark.trim()))?;
    let (above, below) = before.split_at(at);
    fs::write(file, format!("{above}{text}{below}")).map_err(|error| trouble("write", file, &error))
}

/// The template of a lab or a screen says its own name, `template`, nowhere else than where the new name belongs.
fn name_template(text: &str, name: &Name) -> String {
    let title = name.title();
    text.replace("\"Template\"", &format!("\"{title}\""))
        .replace("# Template\n", &format!("# {title}\n"))
        .replace("//! Template:", &format!("//! {title}:"))
        .replace("Template", &name.type_name())
        .replace("template", name.slug())
}

/// The template of an exercise says its own name, `template`, where the new name belongs.
fn name_exercise(text: &str, name: &Name) -> String {
    text.replace("`template`", &format!("`{}`", name.slug()))
        .replace("slug: template\n", &format!("slug: {}\n", name.slug()))
        .replace("/template\"", &format!("/{}\"", name.module()))
}

/// One more than the highest number of a chapter.
fn next_chapter(chapters: &Path) -> Result<u32, String> {
    let mut last = 0;
    for entry in fs::read_dir(chapters).map_err(|error| trouble("read", chapters, &error))? {
        let folder = entry.map_err(|error| trouble("read", chapters, &error))?;
        let folder = folder.file_name().to_string_lossy().into_owned();
        let number = folder
            .split('-')
            .next()
            .and_then(|number| number.parse().ok());
        last = last.max(number.unwrap_or(0));
    }
    Ok(last + 1)
}

fn copy(from: &Path, to: &Path, fill: &dyn Fn(&str) -> String) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|error| trouble("make", to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| trouble("read", from, &error))? {
        let path = entry.map_err(|error| trouble("read", from, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let target: PathBuf = to.join(fill(&name));
        if path.is_dir() {
            copy(&path, &target, fill)?;
        } else {
            let text = fs::read_to_string(&path).map_err(|error| trouble("read", &path, &error))?;
            fs::write(&target, fill(&text)).map_err(|error| trouble("write", &target, &error))?;
        }
    }
    Ok(())
}

/// Adds `pub mod MODULE;` to the modules of a file, in the order of the alphabet.
fn declare(file: &Path, module: &str) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|error| trouble("read", file, &error))?;
    let mut lines: Vec<&str> = text.lines().collect();
    let name = |line: &str| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ").map(str::to_owned)
    };
    let after = |line: &&str| name(line).is_some_and(|name| name.as_str() > module);
    let place = if let Some(next) = lines.iter().position(after) {
        // What stands right above a module is its attributes.
        let above = lines[..next].iter().rev();
        next - above.take_while(|line| line.starts_with("#[")).count()
    } else {
        let last = lines.iter().rposition(|line| name(line).is_some());
        last.ok_or_else(|| format!("{} declares no module", file.display()))? + 1
    };
    let declaration = format!("pub mod {module};");
    lines.insert(place, &declaration);
    fs::write(file, lines.join("\n") + "\n").map_err(|error| trouble("write", file, &error))
}

fn trouble(verb: &str, path: &Path, error: &std::io::Error) -> String {
    format!("could not {verb} {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace with as much in it as the command needs.
    fn workspace() -> tempfile::TempDir {
        let workspace = tempfile::tempdir().unwrap();
        for folder in ["chapters/01-introduction", "labs", "exercises"] {
            fs::create_dir_all(workspace.path().join(folder)).unwrap();
        }
        for file in ["screen/mod.rs", "effect.rs"] {
            let (from, to) = (source().join("src/tui"), workspace.path().join("src/tui"));
            fs::create_dir_all(to.join("screen")).unwrap();
            fs::copy(from.join(file), to.join(file)).unwrap();
        }
        for package in ["labs", "exercises"] {
            let lib = workspace.path().join(package).join("lib.rs");
            fs::write(
                lib,
                "//! Doc.\n\npub mod engine;\npub mod workbench;\n\nfn other() {}\n",
            )
            .unwrap();
        }
        workspace
    }

    fn source() -> &'static Path {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        xtask.parent().unwrap()
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| {
                if path.is_dir() {
                    files(&path)
                } else {
                    vec![path]
                }
            })
            .collect()
    }

    #[test]
    fn each_kind_is_laid_out_without_a_gap_in_its_text() {
        let workspace = workspace();
        let name = Name::parse("hedged-requests").unwrap();
        for (kind, folder) in [
            (Kind::Chapter, "chapters/02-hedged-requests"),
            (Kind::Lab, "labs/hedged_requests"),
            (Kind::Exercise, "exercises/hedged_requests"),
            (Kind::Screen, "src/tui/screen/hedged_requests"),
        ] {
            let next = lay_out(kind, &name, source(), workspace.path()).unwrap();
            assert!(next.starts_with(folder), "{next}");
            let written = files(&workspace.path().join(folder));
            assert!(!written.is_empty());
            for file in written {
                let text = fs::read_to_string(&file).unwrap();
                let gaps = [
                    "__SLUG__",
                    "__MODULE__",
                    "__TYPE__",
                    "__TITLE__",
                    "__NUMBER__",
                    "`template`",
                    "/template\"",
                ];
                let gap = gaps.iter().any(|gap| text.contains(gap))
                    || matches!(kind, Kind::Lab | Kind::Screen)
                        && text.to_lowercase().contains("template");
                assert!(!gap, "{}", file.display());
            }
        }
    }

    #[test]
    fn a_module_is_declared_in_its_place_and_nothing_else_changes() {
        let workspace = workspace();
        let lib = workspace.path().join("labs/lib.rs");
        declare(&lib, "zone").unwrap();
        declare(&lib, "hedged").unwrap();
        assert_eq!(
            fs::read_to_string(lib).unwrap(),
            "//! Doc.\n\npub mod engine;\npub mod hedged;\npub mod workbench;\npub mod zone;\n\nfn other() {}\n"
        );
    }

    #[test]
    fn a_screen_touches_two_shared_files_and_each_in_its_place() {
        let workspace = workspace();
        let name = Name::parse("wall-of-fame").unwrap();
        lay_out(Kind::Screen, &name, source(), workspace.path()).unwrap();
        let text = |file: &str| fs::read_to_string(workspace.path().join(file)).unwrap();
        let screens = text("src/tui/screen/mod.rs");
        assert!(
            screens.contains("mod template;\npub mod wall_of_fame;\n"),
            "{screens}"
        );
        let opens = "Place::WallOfFame => Box::new(wall_of_fame::WallOfFame::default()),\n        #[cfg(test)]\n";
        assert!(screens.contains(opens), "{screens}");
        assert!(text("src/tui/effect.rs").contains("    WallOfFame,\n    /// What a new screen"));
    }

    #[test]
    fn what_is_there_is_never_overwritten() {
        let workspace = workspace();
        let name = Name::parse("hedged").unwrap();
        lay_out(Kind::Lab, &name, source(), workspace.path()).unwrap();
        assert!(
            lay_out(Kind::Lab, &name, source(), workspace.path())
                .unwrap_err()
                .contains("exists")
        );
    }
}
