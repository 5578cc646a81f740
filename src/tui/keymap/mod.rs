//! The one table of keys: what is matched, what the bottom bar shows and what `?` lists.
//!
//! - here: where a binding holds, what it asks for, and what matches;
//! - [`table`]: the bindings, all of them; [`key`]: a key and its name.
//!
//! A screen names the contexts that it is in, most specific first; the first binding that knows the
//! key wins. What no binding knows goes to the screen as typed text. A test finds two bindings of one
//! context that want the same key.

mod key;
mod table;
#[cfg(test)]
mod tests;

pub use key::Key;
pub use table::BINDINGS;

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere but where one types text.
    Global,
    Home,
    Reader,
    /// A word of the page that is being explained.
    Term,
    /// A quiz question that has the focus, in a page or on a screen of its own.
    Check,
    /// A quiz question whose answer is typed.
    CheckTyping,
    /// A quiz question that has been answered and explained.
    CheckDone,
    /// The explanation of an answered question on a screen of its own.
    Explained,
    /// The questions of a chapter, to choose from.
    Questions,
    /// The end of a quiz.
    Score,
    Lab,
    /// The lab, while a knob is being typed or a menu is open.
    LabMenu,
    /// The lab, while two runs stand side by side.
    Comparing,
    /// The knob and the value to compare with.
    CompareMenu,
    /// The lab, while its line of time has the focus.
    Timeline,
    /// The list of saved runs.
    Runs,
    /// The guide of a lab: what there is.
    GuideList,
    /// A step of an experiment.
    GuideStep,
    /// A prediction that is one of several answers.
    GuideChoice,
    /// A prediction that is a number.
    GuideTyping,
    Challenge,
    Waterfall,
    Source,
    Exercise,
    /// A question before its answer is revealed: the pane takes text.
    Answering,
    /// A question after the reveal: points are ticked, a grade is given.
    Revealed,
    Help,
    /// Lists that filter as one types.
    Palette,
    /// A one-line input, such as the search of a page.
    Input,
}

impl Context {
    /// The heading under which `?` lists its keys.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Home => "Home",
            Self::Reader => "Reading",
            Self::Term => "A word explained",
            Self::Check => "A quiz question",
            Self::CheckTyping => "A quiz question: a number",
            Self::CheckDone => "A quiz question, answered",
            Self::Explained => "A quiz question, explained",
            Self::Questions => "Questions",
            Self::Score => "The quiz: how it went",
            Self::Lab => "Lab",
            Self::LabMenu => "Lab: choosing",
            Self::Comparing => "Lab: two runs side by side",
            Self::CompareMenu => "Lab: what to compare with",
            Self::Timeline => "Lab: the line of time",
            Self::Runs => "Saved runs",
            Self::GuideList => "Guide",
            Self::GuideStep => "Experiment",
            Self::GuideChoice => "Experiment: your prediction",
            Self::GuideTyping => "Experiment: your prediction, a number",
            Self::Challenge => "Challenge",
            Self::Waterfall => "Slowest requests",
            Self::Source => "Source",
            Self::Exercise => "Exercise",
            Self::Answering => "Question: your answer",
            Self::Revealed => "Question: the rubric",
            Self::Help => "Keys",
            Self::Palette => "Find anything",
            Self::Input => "Typing",
        }
    }
}

/// What a key asks for. One word means the same on every screen that knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Quit,
    Back,
    Help,
    Palette,
    Home,
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
    Next,
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
    Slowest,
    ShowSource,
    Serve,
    Guide,
    Menu,
    Reset,
    Larger,
    Smaller,
    Edit,
    Grade,
    Watch,
    Hint,
    Solution,
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
    pub context: Context,
    /// Its place in the bottom bar, smaller is earlier and stays longer when it is narrow; 0 = only in `?`.
    pub footer: u8,
}

/// Finds the action of a key: the first context that knows it wins.
pub fn action(contexts: &[Context], key: Key) -> Option<Action> {
    contexts.iter().find_map(|&context| {
        in_context(context)
            .find(|binding| binding.keys.contains(&key))
            .map(|binding| binding.action)
    })
}

/// The bindings of one context, in the order of the table.
pub fn in_context(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS
        .iter()
        .filter(move |binding| binding.context == context)
}

/// What the bottom bar shows for these contexts, most important first: `(keys, word, action)`.
/// Bindings that share a place and a word, such as the two directions of one knob, share an entry.
pub fn footer(contexts: &[Context]) -> Vec<(String, &'static str, Action)> {
    let mut shown: Vec<&Binding> = Vec::new();
    for &context in contexts {
        for binding in in_context(context).filter(|binding| binding.footer > 0) {
            // A more specific context has already taken this key.
            let taken = contexts
                .iter()
                .take_while(|&&other| other != context)
                .any(|&other| in_context(other).any(|b| b.keys.contains(&binding.keys[0])));
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
