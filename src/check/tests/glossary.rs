//! The glossary.

use super::*;

#[test]
fn a_glossary_says_each_term_once_in_one_sentence_and_names_its_chapter() {
    let good =
        "- {term: relay, also: [relays], chapter: relay, means: \"One runs after the other.\"}\n";
    let said = |second: &str| -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let chapter = folder.path().join("07-relay");
        fs::create_dir(&chapter).unwrap();
        for name in FILES {
            fs::write(chapter.join(name), read(name)).unwrap();
        }
        let text = format!("{good}{second}");
        fs::write(folder.path().join("glossary.yaml"), text).unwrap();
        check(&Library::folder(folder.path()), &References::UNKNOWN)
            .into_iter()
            .filter(|problem| problem.path.ends_with("glossary.yaml"))
            .map(|problem| problem.to_string())
            .collect()
    };
    assert_eq!(said(""), Vec::<String>::new());
    let fault = |term: &str, message: &str| {
        let problems = said(term);
        let named = problems
            .iter()
            .any(|problem| problem.contains(message) && problem.contains("yaml:2:"));
        assert!(named, "{message}: {problems:?}");
    };
    let with = |name: &str, chapter: &str, means: &str| {
        format!("- {{term: {name}, chapter: {chapter}, means: \"{means}\"}}\n")
    };
    fault(
        &with("Relays", "relay", "They run in turn."),
        "is already under `relay`",
    );
    fault(
        &with("baton", "rely", "It is handed over."),
        "no chapter `rely`",
    );
    fault(
        &with("baton", "relay", "It is handed. Over it goes."),
        "not one sentence",
    );
    fault(
        &with("baton", "relay", "It is handed over"),
        "not one sentence",
    );
    let long = format!("It is {}handed over.", "very ".repeat(40));
    fault(&with("baton", "relay", &long), "letters to explain");
}

#[test]
fn an_abbreviation_in_the_text_of_a_page_has_its_entry() {
    let page = |to, message| expect("chapter.md", "A runner waits", to, message);
    page("A QXZ waits", "no glossary explains the abbreviation `QXZ`");
    page(
        "Two QXZs wait",
        "no glossary explains the abbreviation `QXZ`",
    );
    let explained = "TLS of 5 GB in `QXZ`: a runner waits";
    let problems = check_with("chapter.md", |text| {
        text.replacen("A runner waits", explained, 1)
    });
    let found = problems.iter().any(|p| p.message.contains("abbreviation"));
    assert!(!found, "{problems:#?}");
}
