//! What is announced and still to be built. A page says so where it tells the learner to use it, and stops
//! saying so as soon as the lab is there.

use crate::content::model::Chapter;
use crate::markdown::block::words;
use crate::markdown::{BlockKind, Document, Inline};
use std::collections::BTreeSet;

/// Whether a lab of this name is announced and still to be built.
#[must_use]
pub fn is_coming(name: &str) -> bool {
    ddlab_labs::PLANNED.contains(&name)
}

/// Marks the commands and the tasks of a page.
pub(super) fn mark(document: &mut Document, chapter: &Chapter) {
    for block in &mut document.blocks {
        match &mut block.kind {
            BlockKind::Code { lang, text, .. } if lang == "console" => commands(text),
            BlockKind::List(list) => {
                let paragraphs = list
                    .items
                    .iter_mut()
                    .filter_map(|item| item.blocks.first_mut());
                for first in paragraphs {
                    if let BlockKind::Paragraph(text) = &mut first.kind {
                        task(text, chapter);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A comment before commands that would fail today.
fn commands(text: &mut String) {
    let names = text.lines().filter_map(coming_in).map(str::to_owned);
    let names: BTreeSet<String> = names.collect();
    for name in names.iter().rev() {
        text.insert_str(0, &format!("# {name} is still to come\n"));
    }
}

/// What a command such as `ddlab lab run faas` names, if it is still to come.
#[must_use]
pub fn coming_in(command: &str) -> Option<&str> {
    let mut words = command.split_whitespace();
    let program = (words.next(), words.next());
    let (Some("ddlab"), Some("lab")) = program else {
        return None;
    };
    words.nth(1).filter(|name| is_coming(name))
}

/// `Poke:` asks for a lab of the chapter.
fn task(text: &mut Vec<Inline>, chapter: &Chapter) {
    let Some(Inline::Strong(asks)) = text.first() else {
        return;
    };
    if words(asks) != "Poke:" {
        return;
    }
    let needed = &chapter.meta.labs;
    if !needed.is_empty() && needed.iter().all(|name| is_coming(name)) {
        text.insert(1, Inline::Text(" (still to come)".to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Library;

    #[test]
    fn commands_of_what_is_still_to_come_are_marked_once() {
        for name in ddlab_labs::PLANNED {
            let mut text = format!("ddlab lab run {name}\nddlab lab run {name} --json\n");
            let before = text.clone();
            commands(&mut text);
            assert_eq!(text, format!("# {name} is still to come\n{before}"));
        }
    }

    #[test]
    fn commands_of_what_is_there_are_left_alone() {
        let mut text = "ddlab lab run sharded\nkubectl get pods\nddlab read 7\n".to_owned();
        let before = text.clone();
        commands(&mut text);
        assert_eq!(text, before);
    }

    #[test]
    fn a_task_is_marked_while_nothing_that_it_needs_is_there() {
        let library = Library::embedded();
        let mut chapter = library.chapter("sharded").unwrap().clone();
        let poke = || vec![Inline::Strong(vec![Inline::Text("Poke:".to_owned())])];
        let mut text = poke();
        task(&mut text, &chapter);
        assert_eq!(text, poke());
        for name in ddlab_labs::PLANNED {
            chapter.meta.labs = vec![(*name).to_owned()];
            let mut text = poke();
            task(&mut text, &chapter);
            assert_eq!(words(&text), "Poke: (still to come)");
        }
    }
}
