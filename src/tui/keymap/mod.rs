//! The one table of keys: what is matched, what the bottom bar shows and what `?` lists.
//!
//! - here: what a binding asks for, and what matches;
//! - [`table`]: where bindings hold, and the bindings, all of them; [`key`]: a key and its name.
//!
//! A screen names the contexts that it is in, most specific first; the first binding that knows the
//! key wins. Plain movement is a context of its own below those of the screen. What no binding knows goes
//! to the screen as typed text. A test finds two bindings of one context that want the same key.

mod key;
mod table;
#[cfg(test)]
mod tests;

pub use key::Key;
pub use table::{Context, SECTIONS};

/// What a key asks for. One word means the same on every screen that knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Quit,
    Back,
    Help,
    Palette,
    Home,
    /// Draws every cell anew.
    Redraw,
    /// Lets the mouse go, or takes it back.
    Mouse,
    /// Marks the place, or takes the mark away.
    Mark,
    /// Writes a note on the place.
    Note,
    /// Every bookmark.
    Bookmarks,
    /// Copies the code or the command in view.
    Copy,
    Down,
    Up,
    Left,
    Right,
    PageDown,
    PageUp,
    HalfDown,
    HalfUp,
    Top,
    Bottom,
    /// Enter: open, follow, accept.
    Open,
    NextPart,
    PreviousPart,
    NextFocus,
    PreviousFocus,
    Search,
    /// Explains a word of the page.
    Define,
    /// Every term of the glossary.
    Terms,
    NextHit,
    PreviousHit,
    Toggle,
    /// The first to ninth choice.
    Choose(u8),
    GoLab,
    GoExercise,
    GoInterview,
    GoQuiz,
    Next,
    /// Nothing: no way leads back from here.
    Stay,
    PlayPause,
    Step,
    Faster,
    Slower,
    SeekBack,
    SeekOn,
    Compare,
    OtherSide,
    Save,
    SavedRuns,
    /// To a run that was put aside.
    OtherRun,
    Slowest,
    /// What happened in the last minute.
    Why,
    /// How much load the lab takes.
    FindLimit,
    /// What theory says of the figures.
    Theory,
    ShowSource,
    Serve,
    Guide,
    ActionMenu,
    /// All knobs back to their defaults.
    Defaults,
    Reset,
    Larger,
    Smaller,
    Edit,
    Delete,
    Grade,
    Watch,
    Hint,
    Solution,
    /// How the program differs from the solution.
    Diff,
    /// One check again, with the seed of the last grade.
    Replay,
    Statement,
    Output,
    Stop,
    Start,
    Reveal,
    /// How sure one is of an answer not yet given.
    Sure,
    Clock,
    Skip,
    Undo,
    Model,
    Followup,
    /// What is due, over all chapters.
    Review,
    /// Numbers problems.
    Drill,
    /// Be on call for a night of the auction.
    OnCall,
    /// A mock interview.
    Mock,
    /// Where the learner stands.
    Progress,
    /// The cheat sheets.
    Sheets,
    /// The designs.
    Designs,
    /// The exercises.
    Exercises,
    /// A file of the learner's, in the editor.
    EditFile,
    /// The settings of practice.
    Settings,
    /// A second opinion on the answer.
    Judge,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    pub keys: &'static [Key],
    pub action: Action,
    /// One or two words for the bottom bar.
    pub short: &'static str,
    /// A line for `?`.
    pub help: &'static str,
    /// Its place in the bottom bar, smaller is earlier and stays longer when it is narrow; 0 = only in `?`.
    pub footer: u8,
}

/// What holds in one context.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    pub context: Context,
    /// The heading under which `?` lists its keys.
    pub title: &'static str,
    pub bindings: &'static [Binding],
}

/// Finds the action of a key: the first context that knows it wins.
pub fn action(contexts: &[Context], key: Key) -> Option<Action> {
    contexts.iter().find_map(|&context| {
        in_context(context)
            .find(|binding| binding.keys.contains(&key))
            .map(|binding| binding.action)
    })
}

/// What holds in this context.
pub fn section(context: Context) -> &'static Section {
    SECTIONS
        .iter()
        .find(|section| section.context == context)
        .expect("every context has a section; a test holds it")
}

fn in_context(context: Context) -> std::slice::Iter<'static, Binding> {
    section(context).bindings.iter()
}

/// What the bottom bar shows for these contexts, most important first: `(keys, word, action)`.
/// Bindings that share a place and a word, such as the two directions of one knob, share an entry.
pub fn footer(contexts: &[Context]) -> Vec<(String, &'static str, Action)> {
    let mut shown: Vec<&Binding> = Vec::new();
    for (nth, &context) in contexts.iter().enumerate() {
        if contexts[..nth].contains(&context) {
            continue;
        }
        for binding in in_context(context).filter(|binding| binding.footer > 0) {
            // A more specific context has already taken this key, for something else or with a word of its own.
            let elsewhere = |other: &Binding| {
                let other_word = other.action != binding.action || other.footer > 0;
                other.keys.contains(&binding.keys[0]) && other_word
            };
            let taken = contexts
                .iter()
                .take_while(|&&other| other != context)
                .any(|&other| in_context(other).any(elsewhere));
            if !taken {
                shown.push(binding);
            }
        }
    }
    shown.sort_by_key(|binding| binding.footer);
    let mut entries: Vec<(String, &'static str, Action)> = Vec::new();
    for binding in shown {
        let key = binding.keys[0].to_string();
        match entries.last_mut() {
            Some(last) if last.1 == binding.short => last.0 = format!("{key} {}", last.0),
            _ => entries.push((key, binding.short, binding.action)),
        }
    }
    entries
}
