use super::*;
use crate::testing::Holds;
use ddlab_labs::workbench::headless;
use ddlab_labs::workbench::plan::{RunPlan, VERSION};

fn record(seed: u64) -> Record {
    let lab = ddlab_labs::find("scatter-gather").unwrap();
    let mut plan = RunPlan::new(lab, seed);
    plan.length = SimTime::from_secs(2);
    plan.script_text("1s:slow=3").unwrap();
    headless::run(plan).unwrap().record
}

struct Folder {
    runs: SavedRuns,
    path: PathBuf,
    _kept: tempfile::TempDir,
}

fn folder() -> Folder {
    let kept = tempfile::tempdir().unwrap();
    let path = kept.path().join("runs");
    Folder {
        runs: SavedRuns::in_folder(path.clone()),
        path,
        _kept: kept,
    }
}

const NOON: UtcMs = UtcMs(1_795_348_800_000);

#[test]
fn a_run_is_saved_listed_and_opened_again() {
    let folder = folder();
    assert!(
        folder.runs.list().unwrap().is_empty(),
        "no folder yet is no error"
    );
    let record = record(7);
    let name = folder.runs.save(&record, NOON).unwrap();
    assert!(
        name.starts_with("scatter-gather-7-2026") && name.contains("Z.run"),
        "{name}"
    );
    let entries = folder.runs.list().unwrap();
    let summary = entries[0].run.as_ref().unwrap();
    assert_eq!((summary.lab.id, summary.seed), ("scatter-gather", 7));
    assert_eq!(
        (summary.length, summary.interventions),
        (SimTime::from_secs(2), 1)
    );
    assert_eq!(
        Some(&summary.digest),
        record.digests.last().map(|(_, digest)| digest)
    );
    assert_eq!(summary.by.as_deref(), Some(VERSION));
    for asked in [
        name.as_str(),
        name.trim_end_matches(".run"),
        folder.path.join(&name).to_str().unwrap(),
    ] {
        let opened = folder.runs.open(asked).unwrap();
        assert_eq!(opened.record.digests, record.digests);
        assert_eq!(opened.warning, None);
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder();
    let names = [1, 1, 1].map(|seed| folder.runs.save(&record(seed), NOON).unwrap());
    assert_eq!(folder.runs.list().unwrap().len(), 3);
    assert!(
        names[1].ends_with("-2.run") && names[2].ends_with("-3.run"),
        "{names:?}"
    );
}

#[test]
fn the_newest_is_listed_first() {
    let folder = folder();
    let names = [1, 2, 3].map(|seed| folder.runs.save(&record(seed), NOON).unwrap());
    for (days, name) in [(2, &names[0]), (3, &names[1]), (1, &names[2])] {
        let file = fs::File::options()
            .write(true)
            .open(folder.path.join(name))
            .unwrap();
        let at = UNIX_EPOCH + std::time::Duration::from_hours(24 * days);
        file.set_modified(at).unwrap();
    }
    let listed: Vec<String> = folder
        .runs
        .list()
        .unwrap()
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(
        listed,
        [names[1].clone(), names[0].clone(), names[2].clone()]
    );
}

#[test]
fn a_damaged_file_is_listed_with_its_line_and_its_cure_and_the_rest_is_listed_too() {
    let folder = folder();
    let name = folder.runs.save(&record(7), NOON).unwrap();
    let text = fs::read_to_string(folder.path.join(name)).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path.join(name), text).unwrap();
    write("knob.run", &text.replace("set policy=", "set polcy="));
    write("cut.run", text.rsplit_once("digest").unwrap().0);
    write("format.run", &text.replace("ddlab-run 1", "ddlab-run 9"));
    write("other.run", "\u{1b}[31mhello\n");
    fs::write(folder.path.join("noise.run"), [0xff, 0xfe, 0x00]).unwrap();
    write("large.run", &"x".repeat(BYTES_MAX as usize + 2));
    write("note.txt", "not listed");
    let why = |name: &str| folder.runs.open(name).unwrap_err().to_string();
    why("knob").holds(["did you mean `policy`?", "line "]);
    why("cut").holds(["cut short"]);
    why("format").holds(["has format 9", "reads format 1"]);
    why("other").holds(["not a run file"]);
    why("other").lacks(["\u{1b}"]);
    why("noise").holds(["not a run file"]);
    why("large").holds(["larger than"]);
    let entries = folder.runs.list().unwrap();
    assert_eq!(entries.len(), 7);
    assert_eq!(entries.iter().filter(|entry| entry.run.is_ok()).count(), 1);
}

#[test]
fn a_file_of_another_version_says_so() {
    let folder = folder();
    let name = folder.runs.save(&record(7), NOON).unwrap();
    let path = folder.path.join(name);
    let text = fs::read_to_string(&path).unwrap();
    let older = text.replace(&format!("by {VERSION}"), "by 0.0.9");
    fs::write(&path, &older).unwrap();
    let opened = folder.runs.open(path.to_str().unwrap()).unwrap();
    let warning = opened.warning.unwrap();
    warning.holds(["written by ddlab 0.0.9", "may have changed"]);
    fs::write(&path, older.replace("set policy=", "set strategy=")).unwrap();
    let why = folder
        .runs
        .open(path.to_str().unwrap())
        .unwrap_err()
        .to_string();
    why.holds(["written by ddlab 0.0.9"]);
}

#[test]
fn an_unknown_name_names_the_nearest() {
    let folder = folder();
    let name = folder.runs.save(&record(7), NOON).unwrap();
    let why = folder
        .runs
        .open("scatter-gather-7")
        .unwrap_err()
        .to_string();
    assert!(why.contains(&name), "{why}");
    assert!(folder.runs.open("").is_err());
}

#[test]
fn a_folder_that_can_not_be_written_is_said_and_nothing_is_lost() {
    let folder = folder();
    fs::write(&folder.path, "a file where the folder would be").unwrap();
    let why = folder.runs.save(&record(7), NOON).unwrap_err().to_string();
    why.holds(["can't be saved", "nothing is lost"]);
}

#[test]
fn a_run_is_renamed_and_deleted_and_no_other_is_touched() {
    let folder = folder();
    let first = folder.runs.save(&record(7), NOON).unwrap();
    let second = folder.runs.save(&record(8), NOON).unwrap();
    assert_eq!(
        folder.runs.rename(&first, " slow leaf ").unwrap(),
        "slow leaf.run"
    );
    assert_eq!(
        folder
            .runs
            .rename("slow leaf.run", "slow leaf.run")
            .unwrap(),
        "slow leaf.run"
    );
    for unfit in [
        "",
        "..",
        "../up",
        "a\\b",
        "a\nb",
        second.as_str(),
        &"x".repeat(101),
    ] {
        let refused = folder.runs.rename("slow leaf.run", unfit).unwrap_err();
        assert!(
            refused.to_string().contains("cannot be called"),
            "{refused}"
        );
    }
    for nobody in ["nobody.run", "../runs/slow leaf.run", "", "/etc/passwd"] {
        assert!(folder.runs.delete(nobody).is_err(), "{nobody}");
        assert!(folder.runs.rename(nobody, "mine").is_err(), "{nobody}");
    }
    folder.runs.delete("slow leaf.run").unwrap();
    let names: Vec<String> = folder
        .runs
        .list()
        .unwrap()
        .into_iter()
        .map(|run| run.name)
        .collect();
    assert_eq!(names, [second]);
}

#[test]
fn a_run_is_listed_with_the_knobs_that_were_turned() {
    let folder = folder();
    let lab = ddlab_labs::find("scatter-gather").unwrap();
    let mut plan = RunPlan::new(lab, 7);
    plan.length = SimTime::from_secs(2);
    plan.knobs.set_text("policy=hedge").unwrap();
    folder
        .runs
        .save(&headless::run(plan).unwrap().record, NOON)
        .unwrap();
    let entries = folder.runs.list().unwrap();
    assert_eq!(entries[0].run.as_ref().unwrap().turned, ["policy=hedge"]);
}
