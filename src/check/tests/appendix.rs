//! Pages beside a chapter's own.

use super::*;

const LINK: &str = "\n[On a real track](../07-relay/appendix-track.md)\n";
const APPENDIX: &str = "# On a real track\n\nA runner waits here.[^nobody]\n";

/// The pack with this page and this appendix; and what is said of it.
fn pack(page: &str, appendix: &str) -> (Library, Vec<Problem>) {
    let folder = tempfile::tempdir().unwrap();
    let chapter = folder.path().join("07-relay");
    fs::create_dir(&chapter).unwrap();
    for name in FILES {
        fs::write(chapter.join(name), read(name)).unwrap();
    }
    fs::write(chapter.join("chapter.md"), page).unwrap();
    fs::write(chapter.join("appendix-track.md"), appendix).unwrap();
    let library = Library::folder(folder.path());
    let problems = check(&library, &References::UNKNOWN);
    (library, problems)
}

/// The pack with this at the end of its page and this appendix; and what is said of the appendix.
fn with(end: &str, appendix: &str) -> (Library, Vec<Problem>) {
    let (library, problems) = pack(&(read("chapter.md") + end), appendix);
    let errors = problems.into_iter().filter(|problem| {
        problem.path.ends_with("appendix-track.md") || problem.message.contains("appendix")
    });
    (library, errors.collect())
}

#[track_caller]
fn expect_one(problems: &[Problem], message: &str) {
    let [problem] = problems else {
        panic!("expected one problem: {problems:#?}");
    };
    assert!(problem.is_error(), "{problem}");
    assert!(problem.message.contains(message), "{problem}");
    assert!(!problem.cure.is_empty(), "{problem}");
}

#[test]
fn an_appendix_is_found_by_its_id_and_by_a_link_and_is_no_chapter_of_the_book() {
    let (library, problems) = with(LINK, APPENDIX);
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(library.chapters().len(), 1);
    let appendix = library.chapter("relay/track").unwrap();
    assert_eq!(appendix.meta.title, "On a real track");
    let linked = library.chapter_of_link("../07-relay/appendix-track.md");
    assert_eq!(linked.unwrap().meta.id, "relay/track");
}

#[test]
fn an_appendix_that_its_chapter_does_not_link_to_is_an_error() {
    let (_, problems) = with("", APPENDIX);
    expect_one(&problems, "no link to this appendix");
}

#[test]
fn an_appendix_without_a_title_is_left_out() {
    let (library, problems) = with("", "A runner waits here.\n");
    expect_one(&problems, "does not begin with its title");
    assert!(library.chapter("relay/track").is_err());
}

#[test]
fn a_link_to_an_appendix_that_is_not_there_is_an_error() {
    let link = LINK.replace("appendix-track", "appendix-field");
    let (library, _) = with(&link, APPENDIX);
    let problems = check(&library, &References::UNKNOWN);
    let said = |problem: &&Problem| problem.message.contains("appendix-field.md` leads nowhere");
    assert_eq!(problems.iter().filter(said).count(), 1, "{problems:#?}");
}

#[test]
fn what_an_appendix_shows_is_held_to_the_rules_of_a_page() {
    let wide = format!(
        "{APPENDIX}\n```diagram\nalt: a line\n{}\n```\n",
        "─".repeat(90)
    );
    let (_, problems) = with(LINK, &wide);
    assert_eq!(problems.len(), 1, "{problems:#?}");
}

#[test]
fn an_abbreviation_in_an_appendix_has_its_entry_in_a_glossary() {
    let (_, problems) = with(LINK, &format!("{APPENDIX}\nAsk the XQZW.\n"));
    expect_one(&problems, "abbreviation `XQZW`");
}

#[test]
fn a_source_that_only_an_appendix_uses_is_used() {
    let source = "sources:\n  - {id: track, text: A track}\n";
    let page = read("chapter.md").replacen("sources:\n", source, 1) + LINK;
    let unused = |appendix: &str| {
        let (_, problems) = pack(&page, appendix);
        let said = |problem: &Problem| problem.message.contains("refers to the source `track`");
        problems.iter().any(said)
    };
    assert!(unused(APPENDIX));
    assert!(!unused(&APPENDIX.replace("nobody", "track")));
}
