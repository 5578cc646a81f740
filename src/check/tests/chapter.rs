//! Chapters: their front matter, sections, sources and links, and what they cover.

use super::*;

#[test]
fn front_matter_tells_the_truth() {
    let table = r#"
        |part: Serving => part: Dinner => not a part of the book
        |labs: [relay] => labs: [relais] => no lab `relais`
        |[relay-first] => [relay-frist] => no exercise `relay-frist`
        |[ch07-e1] => [ch07-e9] => no code of the curriculum `ch07-e9`
        |prerequisites: [] => prerequisites: [walk] => no chapter `walk`
        |minutes: 5 => minutes: soon => front matter cannot be read
        |minutes: 5 => hours: 5 => unknown field `hours`
        |title: Relay => title: "" => `title` is empty
        |number: 7 => number: 77 => not in the book
        |---\nid => id => no front matter
    "#;
    faults("chapter.md", table);
}

#[test]
fn sources_are_there_and_used() {
    expect_around(
        Severity::Warning,
        "interview.yaml",
        "  sources: [nobody]\n",
        "",
        "has no source",
    );
    let table = r"
        |[^nobody] => [^somebody] => points to no source
        |- id: nobody => - {id: idle, text: x}\n  - id: nobody => refers to the source `idle`
    ";
    faults("chapter.md", table);
    expect(
        "interview.yaml",
        "sources: [nobody]",
        "sources: [who]",
        "no source `who`",
    );
}

#[test]
fn sections_stand_in_their_order() {
    let table = r"
        ~## Neighbours => ### Neighbours => lacks the sections neighbours
        ~## The problem\n => ## Neighbours\n\n## The problem\n => not in their order
        |## Neighbours => ## Friends => has friends instead
    ";
    faults("chapter.md", table);
}

#[test]
fn what_a_page_shows_fits_and_exists() {
    let table = r#"
        |alt: One runner hands the baton to the next.\n =>  => alt
        |```yaml => ```yamml => language `yamml` is not known
        |```yaml => ``` => has no language
        |runner: 1 => runner: [1 => YAML of this fence
        |{ "baton": 1 } => { baton } => JSON of this fence
        |```check relay-q01 => ```check relay-q99 => no question `relay-q99`
        |```try relay-first => ```try relay-last => no exercise `relay-last`
        |```lab relay/two-runners => ```lab relay/ten-runners => no figure `relay/ten-runners`
        |```lab relay/two-runners => ```lab rely/two-runners => no lab `rely`
        |```rust => ```rust include=labs/relay.rs#run => there is no labs/relay.rs#run
    "#;
    faults("chapter.md", table);
    let page = |from, to, message| expect("chapter.md", from, to, message);
    let wide = format!("  a {}▶ b", "─".repeat(80));
    page("  a ──▶ b", &wide, "columns wide");
    page("A queue", "A\u{1b}[31m queue", "control character");
}

#[test]
fn links_lead_somewhere() {
    let page = |to, message| expect("chapter.md", "A queue keeps", to, message);
    page("[A queue](#neighbors) keeps", "no heading `#neighbors`");
    page("[A queue](../06-queue/chapter.md) keeps", "leads nowhere");
    page(
        "[^aside]: see [there](#nowhere)\n\nA queue[^aside] keeps",
        "no heading `#nowhere`",
    );
    page("[A queue](https://) keeps", "names no host");
    page("![A queue](queue.png) keeps", "shows no pictures");
    let fine = "[A](#neighbours) [b](https://example.org/x) [c](../07-relay/chapter.md) keeps";
    let problems = check_with("chapter.md", |text| text.replacen("A queue keeps", fine, 1));
    assert!(
        problems.iter().all(|problem| !problem.is_error()),
        "{problems:#?}"
    );
}

#[test]
fn a_chapter_has_its_sources_its_questions_and_its_words() {
    let table = r#"
        |  - id: nobody\n =>   - {id: nobody, text: again}\n  - id: nobody\n => the source `nobody` appears twice
        |summary: A made-up => summary: ""\nx: A made-up => unknown field `x`
        |Two runners and one baton. =>  => no caption
        |## Neighbours => ##\n\n## Neighbours => the heading is empty
    "#;
    faults("chapter.md", table);
    let sources = "sources:\n  - id: nobody\n    text: \"Nobody, A Paper That Was Never Written, 2026, section 1\"\n";
    expect_around(
        Severity::Error,
        "chapter.md",
        sources,
        "",
        "the chapter has no source",
    );
    let without = |file: &str| check_with(file, |_| String::new());
    for (file, message) in [
        ("quiz.yaml", "the quiz has 0 questions"),
        ("interview.yaml", "there is no interview question"),
    ] {
        let problems = without(file);
        let said = problems
            .iter()
            .any(|problem| problem.message.contains(message));
        assert!(said, "{message}: {problems:#?}");
    }
}

#[test]
fn every_code_of_a_chapter_has_its_home() {
    let problems = check_with("interview.yaml", |text| {
        text.replacen("covers: [ch07-q1, ", "covers: [", 1)
    });
    let homeless = problems
        .iter()
        .find(|problem| {
            problem
                .message
                .contains("no chapter covers these codes yet: ch07-q1")
        })
        .unwrap_or_else(|| panic!("{problems:#?}"));
    assert_eq!(homeless.severity, Severity::Error, "{homeless}");
    assert!(homeless.cure.contains("covers:"), "{homeless}");
}

#[test]
fn chapters_have_numbers_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    for (name, id) in [("07-relay", "relay"), ("07-race", "race")] {
        let chapter = folder.path().join(name);
        fs::create_dir(&chapter).unwrap();
        for file in FILES {
            let text = read(file).replace("id: relay\n", &format!("id: {id}\n"));
            fs::write(
                chapter.join(file),
                text.replace("relay-q", &format!("{id}-q")),
            )
            .unwrap();
        }
    }
    let problems = check(&Library::folder(folder.path()), &References::UNKNOWN);
    let said = |message: &str| problems.iter().any(|p| p.message.contains(message));
    assert!(said("chapter 7 is `race` already"), "{problems:#?}");
    assert!(said("the id `relay-i01` is already used"), "{problems:#?}");
}
