//! The table itself: the contexts, and a line for each thing that a key does in one, in the order that `?`
//! lists them.
//!
//! It is one table however long it is: whoever adds a key sees at a glance what is taken.

use super::{Action, Binding, Key, Section};
use crossterm::event::KeyCode;

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere but where one types text.
    Global,
    /// Lists and texts: below what a screen binds itself, so that the same keys move everywhere.
    Movement,
    /// Long texts, over [`Context::Movement`]: the space bar and letters turn pages.
    Pages,
    /// What can be marked and noted on.
    Markable,
    /// The bookmarks.
    Bookmarks,
    /// The same where there is none.
    NoBookmarks,
    /// The note on a place, while it is written.
    Note,
    /// Items that are shown with a number.
    Numbers,
    Home,
    /// Home, for who has done nothing yet.
    FirstStart,
    Reader,
    /// A chapter that has a lab.
    WithLab,
    /// A chapter that has an exercise.
    WithExercise,
    /// A chapter that has questions.
    WithQuestions,
    /// A word of the page that is being explained.
    Term,
    /// A quiz question that has the focus, in a page or on a screen of its own.
    Check,
    /// The same, where lines are matched.
    CheckMatching,
    /// The same, where lines are put in order.
    CheckOrdering,
    /// A quiz question whose answer is typed.
    CheckTyping,
    /// A quiz question that has been answered and explained.
    CheckDone,
    /// The questions of a chapter, to choose from.
    Questions,
    /// The end of a quiz.
    Score,
    Lab,
    /// The lab, while its run stands.
    Paused,
    /// The lab, while a knob is being typed or a menu is open.
    LabMenu,
    /// The lab, while two runs stand side by side.
    Comparing,
    /// The knob and the value to compare with.
    CompareMenu,
    /// The lab, while its line of time has the focus.
    Timeline,
    /// The lab of a design.
    Design,
    /// The text of a brief, over the list of designs.
    BriefText,
    /// The brief of a design.
    Brief,
    /// What its grade came to, or comes to.
    Graded,
    /// The list of designs.
    Designs,
    /// The list of saved runs.
    Runs,
    /// The guide of a lab: what there is.
    GuideList,
    /// A step of an experiment.
    GuideStep,
    /// A prediction that is a number.
    GuideTyping,
    /// A challenge that has not begun.
    ChallengeBrief,
    Challenge,
    /// A challenge whose settings were handed in.
    ChallengeScored,
    Waterfall,
    /// The story of the last minute.
    Why,
    /// The same where nothing happened.
    NoStory,
    /// The load that the lab takes.
    Limit,
    /// What theory says of the lab's figures.
    Theory,
    Source,
    /// Source with lines that are wider than the screen.
    WideSource,
    /// The list of exercises.
    Exercises,
    Exercise,
    /// A question before its answer is revealed: the pane takes text.
    Answering,
    /// A question after the reveal: points are ticked, a grade is given.
    Revealed,
    /// Practice, while a line is typed.
    PracticeLine,
    /// Practice, while several lines are typed.
    PracticeText,
    /// The two above, where a lab settles what is asked.
    PracticeTypedSettle,
    /// The two above, where there is a grade to take back.
    PracticeTypedUndo,
    /// Practice, once the answer was looked at.
    PracticeGoOn,
    /// Practice, while it is asked how sure one is.
    PracticeSure,
    /// Practice, while a grade is asked for.
    PracticeGrade,
    /// It and the end, where there is a grade to take back.
    PracticeUndo,
    /// Practice, while something of a list is to be chosen, where one can also go on.
    PracticePick,
    /// The choice of a grade, where a lab settles what is asked.
    PracticeSettle,
    /// Practice at its end.
    PracticeDone,
    /// The nights that one can be on call for.
    Nights,
    /// On call, while lines are typed.
    GameDay,
    /// A night that is written up.
    PostMortem,
    /// Where the learner stands, and the cheat sheets.
    Overview,
    Help,
    /// Lists that filter as one types.
    Palette,
    /// A one-line input, such as the search of a page.
    Input,
}

const fn section(context: Context, title: &'static str, bindings: &'static [Binding]) -> Section {
    Section {
        context,
        title,
        bindings,
    }
}

const fn bind(
    keys: &'static [Key],
    action: Action,
    footer: u8,
    short: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        keys,
        action,
        short,
        help,
        footer,
    }
}

const UP: Key = Key::plain(KeyCode::Up);
const DOWN: Key = Key::plain(KeyCode::Down);
const LEFT: Key = Key::plain(KeyCode::Left);
const RIGHT: Key = Key::plain(KeyCode::Right);
const ENTER: Key = Key::plain(KeyCode::Enter);
const ESC: Key = Key::plain(KeyCode::Esc);
const TAB: Key = Key::plain(KeyCode::Tab);
const BACK_TAB: Key = Key::plain(KeyCode::BackTab);
const SPACE: Key = Key::char(' ');

/// Every key of the program.
#[rustfmt::skip]
pub static SECTIONS: &[Section] = {
    use Action as A;
    use Context as C;
    &[
        section(C::Global, "Everywhere", &[
            bind(&[Key::char('?')], A::Help, 99, "all keys", "list every key of this screen"),
            bind(&[Key::char(':'), Key::ctrl('p')], A::Palette, 0, "find", "find any chapter, lab, exercise or question"),
            bind(&[ESC], A::Back, 90, "back", "go back to where you were"),
            bind(&[Key::char('q')], A::Quit, 0, "quit", "leave ddlab; it reopens here"),
            bind(&[Key::char('H')], A::Home, 0, "home", "go to the curriculum"),
            bind(&[Key::char(',')], A::Settings, 0, "settings", "the day of your interview, cards a day, the judge"),
            bind(&[Key::char('\'')], A::Bookmarks, 0, "bookmarks", "list the places that you marked, with your notes"),
            bind(&[Key::ctrl('l')], A::Redraw, 0, "redraw", "draw the screen anew"),
            bind(&[Key::ctrl('o')], A::Mouse, 0, "mouse", "let the mouse go, to select text with it; with shift held it selects at any time"),
        ]),
        section(C::Movement, "Moving", &[
            bind(&[DOWN, Key::char('j')], A::Down, 95, "move", "one line or one item down"),
            bind(&[UP, Key::char('k')], A::Up, 95, "move", "one line or one item up"),
            bind(&[Key::plain(KeyCode::PageDown), Key::ctrl('f')], A::PageDown, 0, "page", "one screen down"),
            bind(&[Key::plain(KeyCode::PageUp), Key::ctrl('b')], A::PageUp, 0, "page up", "one screen up"),
            bind(&[Key::ctrl('d')], A::HalfDown, 0, "half down", "half a screen down"),
            bind(&[Key::ctrl('u')], A::HalfUp, 0, "half up", "half a screen up"),
            bind(&[Key::plain(KeyCode::Home), Key::char('g')], A::Top, 0, "first", "to the top, to the first item"),
            bind(&[Key::plain(KeyCode::End), Key::char('G')], A::Bottom, 0, "last", "to the end, to the last item"),
        ]),
        section(C::Pages, "Moving through a text", &[
            bind(&[SPACE], A::PageDown, 1, "page", "one screen down"),
            bind(&[Key::char('b')], A::PageUp, 0, "page up", "one screen up"),
            bind(&[Key::char('d')], A::HalfDown, 0, "half down", "half a screen down"),
            bind(&[Key::char('u')], A::HalfUp, 0, "half up", "half a screen up"),
        ]),
        section(C::Markable, "Marking a place", &[
            bind(&[Key::char('m')], A::Mark, 96, "mark", "mark this place, or take the mark away"),
            bind(&[Key::char('M')], A::Note, 0, "note", "write a note on this place, which marks it"),
        ]),
        section(C::Bookmarks, "Bookmarks", &[
            bind(&[ENTER], A::Open, 1, "open", "go to the place"),
            bind(&[Key::char('e'), Key::char('M')], A::Edit, 2, "note", "write or change the note on it"),
            bind(&[Key::char('d')], A::Delete, 3, "delete", "delete the bookmark and its note; pressed twice"),
            bind(&[ESC, Key::char('\'')], A::Back, 90, "back", "go back to where you were"),
        ]),
        section(C::NoBookmarks, "Bookmarks", &[
            bind(&[ESC, Key::char('\'')], A::Back, 90, "back", "go back to where you were"),
        ]),
        section(C::Note, "A note", &[
            bind(&[ESC, Key::ctrl('s')], A::Back, 1, "keep", "keep the note and go back; an empty note leaves the mark"),
            bind(&[Key::ctrl('e')], A::Edit, 2, "editor", "write in $EDITOR"),
            bind(&[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),
        ]),
        section(C::Numbers, "Choosing by number", &[
            bind(&[Key::char('0')], A::Choose(0), 0, "choose", "the second digit of a number such as 10"),
            bind(&[Key::char('1')], A::Choose(1), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
            bind(&[Key::char('2')], A::Choose(2), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
            bind(&[Key::char('3')], A::Choose(3), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
            bind(&[Key::char('4')], A::Choose(4), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
            bind(&[Key::char('5')], A::Choose(5), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
            bind(&[Key::char('6')], A::Choose(6), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
            bind(&[Key::char('7')], A::Choose(7), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
            bind(&[Key::char('8')], A::Choose(8), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
            bind(&[Key::char('9')], A::Choose(9), 0, "choose", "the item of this number: chosen, or opened where it is a chapter"),
        ]),
        section(C::Home, "Home", &[
            bind(&[ENTER], A::Open, 1, "open", "read the chapter"),
            bind(&[Key::char('n')], A::Next, 2, "next", "do what is next"),
            bind(&[Key::char('l')], A::GoLab, 0, "lab", "open its lab"),
            bind(&[Key::char('x')], A::GoExercise, 0, "build", "open its exercise, or the list at its exercises"),
            bind(&[Key::char('u')], A::GoQuiz, 5, "quiz", "its quiz, from the first question that is open"),
            bind(&[Key::char('i')], A::GoInterview, 0, "defend", "answer its questions"),
            bind(&[Key::char('r')], A::Review, 3, "review", "review what is due, over all chapters"),
            bind(&[Key::char('p')], A::Progress, 7, "progress", "see where you stand"),
            bind(&[Key::char('m')], A::Mock, 7, "mock", "hold a mock interview against the clock"),
            bind(&[Key::char('s')], A::Sheets, 8, "sheets", "see the cheat sheets, what you remember least first"),
            bind(&[Key::char('d')], A::Drill, 7, "drill", "work numbers problems"),
            bind(&[Key::char('b')], A::Designs, 7, "design", "build a system of your own from the patterns, and see whether it stands"),
            bind(&[Key::char('e')], A::Exercises, 7, "exercises", "all exercises by chapter, with what you have passed"),
            bind(&[Key::char('o')], A::OnCall, 7, "game day", "be on call for the auction of an evening"),
            bind(&[Key::char('/')], A::Search, 6, "find", "find anything by a few letters"),
            bind(&[Key::char('q')], A::Quit, 9, "quit", "leave ddlab; it reopens here"),
            // Nothing lies above the curriculum, so the bar must not offer a way back.
            bind(&[ESC], A::Stay, 0, "stay", "stay here: this is the top"),
        ]),
        section(C::FirstStart, "The first five minutes", &[
            bind(&[Key::char('n')], A::Next, 1, "five minutes", "predict, see and cure one slow machine, in five minutes"),
        ]),
        section(C::Reader, "Reading", &[
            bind(&[Key::char(']'), Key::char('}')], A::NextPart, 3, "section", "next section"),
            bind(&[Key::char('['), Key::char('{')], A::PreviousPart, 0, "previous", "previous section"),
            bind(&[TAB], A::NextFocus, 2, "figure", "to the next figure or question in view"),
            bind(&[BACK_TAB], A::PreviousFocus, 0, "back", "to the figure or question before"),
            bind(&[ENTER], A::Open, 0, "follow", "open the figure's lab, answer the question, start the exercise"),
            bind(&[Key::char('p')], A::PlayPause, 0, "pause", "pause or run the figure in focus"),
            bind(&[LEFT, Key::char('-')], A::Smaller, 0, "turn", "turn the figure's knob down; without a figure, move a wide drawing"),
            bind(&[RIGHT, Key::char('+')], A::Larger, 0, "turn", "turn the figure's knob up; without a figure, move a wide drawing"),
            bind(&[Key::char('l')], A::GoLab, 0, "lab", "open the lab of this chapter"),
            bind(&[Key::char('x')], A::GoExercise, 0, "build", "open its exercise"),
            bind(&[Key::char('i')], A::GoInterview, 0, "defend", "answer its questions"),
            bind(&[Key::char('/')], A::Search, 7, "find", "search this page"),
            bind(&[Key::char('n')], A::NextHit, 0, "next hit", "next place that the search found"),
            bind(&[Key::char('N')], A::PreviousHit, 0, "previous hit", "the place before"),
            bind(&[Key::char('Y')], A::Copy, 0, "copy", "copy the first code or command in view, by way of the terminal"),
            bind(&[Key::char('w')], A::Define, 8, "word", "explain the next underlined word"),
            bind(&[Key::char('W')], A::Terms, 0, "all words", "every term that the book explains"),
        ]),
        section(C::WithLab, "A chapter with a lab", &[
            bind(&[Key::char('l')], A::GoLab, 4, "lab", "open the lab of this chapter"),
        ]),
        section(C::WithExercise, "A chapter with an exercise", &[
            bind(&[Key::char('x')], A::GoExercise, 5, "build", "open its exercise"),
        ]),
        section(C::WithQuestions, "A chapter with questions", &[
            bind(&[Key::char('i')], A::GoInterview, 6, "defend", "answer its questions"),
        ]),
        section(C::Term, "A word explained", &[
            bind(&[Key::char('w'), TAB, RIGHT], A::NextFocus, 2, "next word", "explain the next underlined word"),
            bind(&[BACK_TAB, LEFT], A::PreviousFocus, 0, "word before", "explain the underlined word before"),
            bind(&[ENTER], A::Open, 1, "read on", "go to where the book teaches it"),
            bind(&[Key::char('W')], A::Terms, 3, "all words", "every term that the book explains"),
            bind(&[ESC], A::Back, 4, "close", "close the explanation"),
        ]),
        section(C::Check, "A quiz question", &[
            bind(&[SPACE], A::Toggle, 2, "choose", "choose or drop this one"),
            bind(&[ENTER], A::Open, 1, "answer", "give this answer"),
            bind(&[Key::char('s')], A::Sure, 3, "how sure", "say how sure you are, before you answer"),
            bind(&[TAB], A::NextFocus, 0, "leave", "leave the question and go on"),
            bind(&[ESC], A::Back, 4, "leave", "leave the question; what you chose is kept"),
        ]),
        section(C::CheckMatching, "A quiz question: what belongs together", &[
            bind(&[RIGHT, SPACE], A::Larger, 2, "match", "the next match for this line"),
            bind(&[LEFT], A::Smaller, 2, "match", "the match before for this line"),
        ]),
        section(C::CheckOrdering, "A quiz question: an order", &[
            bind(&[SPACE], A::Toggle, 2, "take up", "take this line up, to move it; again to put it down"),
            bind(&[Key::char('K')], A::PreviousPart, 2, "shift", "move this line up"),
            bind(&[Key::char('J')], A::NextPart, 2, "shift", "move this line down"),
        ]),
        section(C::CheckTyping, "A quiz question: a number", &[
            bind(&[ENTER], A::Open, 1, "answer", "give this answer"),
            bind(&[UP, DOWN], A::Sure, 2, "how sure", "say how sure you are, before you answer"),
            bind(&[TAB], A::NextFocus, 0, "leave", "leave the question and go on"),
            bind(&[ESC], A::Back, 3, "leave", "leave the question; what you typed is kept"),
            bind(&[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),
        ]),
        section(C::CheckDone, "A quiz question, answered", &[
            bind(&[ENTER, TAB], A::NextFocus, 1, "go on", "leave the question and go on"),
            bind(&[Key::char('r')], A::Reset, 2, "again", "ask it again, laid out anew"),
            bind(&[ESC], A::Back, 0, "leave", "leave the question"),
        ]),
        section(C::Score, "The quiz: how it went", &[
            bind(&[ENTER], A::Open, 1, "open", "ask again, read the section, or answer the question"),
            bind(&[Key::char('r')], A::Reset, 2, "again", "ask again what was missed or left open"),
            bind(&[ESC], A::Back, 3, "all questions", "to the list of all questions"),
        ]),
        section(C::Questions, "Questions", &[
            bind(&[ENTER], A::Open, 1, "answer", "answer this question"),
            bind(&[Key::char('n')], A::Next, 2, "next", "answer the first that is still open"),
            bind(&[TAB], A::NextFocus, 3, "other kind", "to the first of the other kind"),
        ]),
        section(C::Lab, "Lab", &[
            bind(&[SPACE], A::PlayPause, 1, "pause", "pause or run"),
            bind(&[RIGHT, Key::char('+'), Key::char('=')], A::Larger, 2, "turn", "turn the knob up; the run has it when you pause, or press enter"),
            bind(&[LEFT, Key::char('-')], A::Smaller, 2, "turn", "turn the knob down"),
            bind(&[ENTER, Key::char('e')], A::Edit, 0, "type", "type a value for the knob; apply the one that you turned it to"),
            bind(&[TAB, Key::char('j'), DOWN], A::NextFocus, 0, "next knob", "to the next knob; after the last one to the line of time"),
            bind(&[BACK_TAB, Key::char('k'), UP], A::PreviousFocus, 0, "knob before", "to the knob before"),
            bind(&[Key::char('/')], A::Search, 0, "knobs", "all knobs by group; type to find one"),
            bind(&[Key::char('z'), Key::char('u')], A::Undo, 6, "undo", "take back what was done last, a restart too: the run is replayed without it"),
            bind(&[Key::char('d')], A::Defaults, 0, "defaults", "put every knob back to its default"),
            bind(&[Key::char('a')], A::ActionMenu, 3, "act", "do something to the system: slow, crash, cut, burst"),
            bind(&[Key::char('g')], A::Guide, 4, "guide", "be led through an experiment, or meet a service level"),
            bind(&[Key::char('c')], A::Compare, 5, "compare", "set beside it the same run with another value of a knob; again to end that"),
            bind(&[Key::char('t')], A::Slowest, 7, "slowest", "see why the slowest requests were slow"),
            bind(&[Key::char('y')], A::Why, 7, "why", "what happened in the last minute, or since you last did something; each line leads to its moment"),
            bind(&[Key::char('f')], A::FindLimit, 0, "limit", "find how much load it takes with the knobs as they are"),
            bind(&[Key::char('n')], A::Theory, 0, "theory", "what theory says of the figures, beside what was measured"),
            bind(&[Key::char('.')], A::Step, 11, "step", "to the next event"),
            bind(&[Key::char(']')], A::Faster, 9, "speed", "let time pass faster"),
            bind(&[Key::char('[')], A::Slower, 9, "speed", "let time pass slower"),
            bind(&[Key::char('}')], A::NextPart, 0, "much faster", "let time pass ten times as fast"),
            bind(&[Key::char('{')], A::PreviousPart, 0, "much slower", "let time pass ten times as slow; from 0.05x on you see the messages"),
            bind(&[Key::char('<')], A::SeekBack, 0, "back", "go back a little, by replaying the run up to there"),
            bind(&[Key::char('>')], A::SeekOn, 0, "on", "go on again, as far as the run had come"),
            bind(&[Key::char('v')], A::Toggle, 10, "view", "next chart: percentiles, distribution, the other metrics"),
            bind(&[Key::char('s')], A::ShowSource, 8, "source", "read the pattern's source"),
            bind(&[Key::char('o')], A::Serve, 0, "serve", "serve this run to real clients, over HTTP on 127.0.0.1; again ends it; Y copies curl lines"),
            bind(&[Key::char('Y')], A::Copy, 0, "copy", "copy the command that makes this run; while it is served, curl lines for its requests"),
            bind(&[Key::char('r')], A::Reset, 0, "start again", "start again: same seed, knobs as they are; z takes that back"),
            bind(&[Key::char('w')], A::Save, 0, "save", "save the run as it is seen: seed, knobs and all that was done, to be replayed"),
            bind(&[Key::char('W')], A::SavedRuns, 0, "saved runs", "list the saved runs, to open one"),
            bind(&[Key::char('p')], A::OtherRun, 0, "other run", "to the run that was put aside; this one waits meanwhile"),
            bind(&[Key::char('x')], A::GoExercise, 0, "build", "open the chapter's exercise"),
            bind(&[Key::char('i')], A::GoInterview, 0, "defend", "answer its interview questions"),
        ]),
        section(C::Design, "Lab of a design", &[
            bind(&[Key::char('e')], A::EditFile, 2, "edit", "open its file in $EDITOR; whenever the file is saved, it starts anew"),
            bind(&[Key::char('b')], A::Statement, 3, "brief, grade", "read the brief that the design answers; there, enter grades it"),
        ]),
        section(C::Brief, "The brief of a design", &[
            bind(&[ENTER], A::Grade, 1, "grade", "grade the file as it is: each requirement over five seeds, under the growth, and against what the brief does not say"),
            bind(&[ESC, Key::char('b')], A::Back, 2, "close", "back to the design"),
        ]),
        section(C::Graded, "The grade of a design", &[
            bind(&[ESC, Key::char('b'), ENTER], A::Back, 1, "close", "back to the design; a grade that goes on is given up"),
        ]),
        section(C::Designs, "Designs", &[
            bind(&[ENTER], A::Open, 1, "open", "run it; of an example or a brief a file of your own is made first"),
            bind(&[Key::char('e')], A::Edit, 2, "edit", "open the file in $EDITOR"),
            bind(&[Key::char('b')], A::Statement, 3, "brief", "read all that the brief says"),
            bind(&[ESC], A::Back, 90, "back", "go back to where you were"),
        ]),
        section(C::BriefText, "A brief", &[
            bind(&[ENTER], A::Open, 1, "begin", "run the design of this brief; a file of your own is made first"),
            bind(&[ESC, Key::char('b')], A::Back, 90, "close", "back to the list"),
        ]),
        section(C::Paused, "Lab: a run that stands", &[
            bind(&[SPACE], A::PlayPause, 1, "run", "let it run"),
        ]),
        section(C::Comparing, "Lab: two runs side by side", &[
            bind(&[Key::char('b')], A::OtherSide, 2, "other side", "look at the other run: its picture, its log, its knobs"),
            bind(&[Key::char('c')], A::Compare, 3, "end compare", "end the comparison; the run that you look at stays"),
        ]),
        section(C::CompareMenu, "Lab: what to compare with", &[
            bind(&[TAB], A::Down, 0, "down", "next knob"),
            bind(&[BACK_TAB], A::Up, 0, "up", "knob before"),
            bind(&[RIGHT, Key::char('+'), Key::char('=')], A::Larger, 2, "turn", "another value for the other run"),
            bind(&[LEFT, Key::char('-')], A::Smaller, 2, "turn", "another value for the other run"),
            bind(&[Key::char('e')], A::Edit, 3, "type", "type the value"),
            bind(&[ENTER], A::Open, 1, "compare", "run both side by side"),
            bind(&[ESC, Key::char('c')], A::Back, 4, "close", "close without comparing"),
        ]),
        section(C::Timeline, "Lab: the line of time", &[
            bind(&[RIGHT, Key::char('l'), Key::char('+')], A::SeekOn, 1, "through time", "go on a step, as far as the run had come"),
            bind(&[LEFT, Key::char('h'), Key::char('-')], A::SeekBack, 1, "through time", "go back a step; what lies ahead is kept until you act"),
            bind(&[Key::char('g'), Key::plain(KeyCode::Home)], A::Top, 0, "start", "to the start of the run"),
            bind(&[Key::char('G'), Key::plain(KeyCode::End)], A::Bottom, 0, "end", "as far as the run had come"),
        ]),
        section(C::LabMenu, "Lab: choosing", &[
            bind(&[RIGHT, Key::char('+')], A::Larger, 2, "turn", "another node or amount"),
            bind(&[LEFT, Key::char('-')], A::Smaller, 2, "turn", "another node or amount"),
            bind(&[ENTER], A::Open, 1, "do it", "do it"),
            bind(&[ESC], A::Back, 3, "close", "close without doing anything"),
        ]),
        section(C::Runs, "Saved runs", &[
            bind(&[ENTER], A::Open, 1, "open", "open the run in its lab, ready to play"),
            bind(&[Key::char('e')], A::Edit, 2, "rename", "give the run another name"),
            bind(&[Key::char('d')], A::Delete, 3, "delete", "delete the run; pressed twice"),
        ]),
        section(C::GuideList, "Guide", &[
            bind(&[ENTER], A::Open, 1, "begin", "begin this one"),
            bind(&[ESC, Key::char('g')], A::Guide, 3, "close", "close the guide, the lab goes on"),
        ]),
        section(C::GuideStep, "Experiment", &[
            bind(&[ENTER], A::Open, 1, "go on", "go on to the next step"),
            bind(&[Key::char('e')], A::Edit, 0, "type", "type a value for the knob"),
            bind(&[ESC, Key::char('g')], A::Guide, 2, "leave", "leave the experiment, the lab goes on"),
        ]),
        section(C::GuideTyping, "Experiment: your prediction, a number", &[
            bind(&[ENTER], A::Open, 1, "commit", "commit the prediction, and see"),
            bind(&[ESC], A::Guide, 2, "leave", "leave the experiment, the lab goes on"),
            bind(&[Key::plain(KeyCode::PageDown)], A::PageDown, 0, "page", "further down the text"),
            bind(&[Key::plain(KeyCode::PageUp)], A::PageUp, 0, "page up", "back up the text"),
            bind(&[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),
        ]),
        section(C::ChallengeBrief, "Challenge, before it begins", &[
            bind(&[ENTER], A::Open, 1, "begin", "let time pass"),
        ]),
        section(C::ChallengeScored, "Challenge, handed in", &[
            bind(&[ENTER], A::Open, 1, "try again", "hand in the settings as they are now"),
        ]),
        section(C::Challenge, "Challenge", &[
            bind(&[ENTER], A::Open, 1, "hand in", "hand the settings in, to be tried in three worlds"),
            bind(&[Key::char('h')], A::Hint, 3, "hint", "one more hint"),
            bind(&[Key::char('e')], A::Edit, 4, "type", "type a value for the knob"),
            bind(&[Key::ctrl('x')], A::Stop, 0, "give up", "give the scoring up"),
            bind(&[ESC, Key::char('g')], A::Guide, 5, "leave", "leave the challenge, the lab goes on"),
        ]),
        section(C::Waterfall, "Slowest requests", &[
            bind(&[ESC, Key::char('t')], A::Back, 3, "close", "back to the lab"),
        ]),
        section(C::Why, "Lab: the last minute", &[
            bind(&[ENTER], A::Open, 1, "go there", "go to the moment, by replaying the run up to there"),
            bind(&[ESC, Key::char('y')], A::Back, 3, "close", "back to the lab"),
        ]),
        section(C::NoStory, "Lab: the last minute", &[
            bind(&[ESC, Key::char('y'), ENTER], A::Back, 1, "close", "back to the lab"),
        ]),
        section(C::Limit, "Lab: how much load it takes", &[
            bind(&[ESC, Key::char('f')], A::Back, 1, "close", "back to the lab; a search that goes on is given up"),
        ]),
        section(C::Theory, "Lab: what theory says", &[
            bind(&[ESC, Key::char('n'), ENTER], A::Back, 1, "close", "back to the lab"),
        ]),
        section(C::Source, "Source", &[
            bind(&[Key::char(']')], A::NextPart, 2, "next item", "next function or type"),
            bind(&[Key::char('[')], A::PreviousPart, 0, "item before", "function or type before"),
            bind(&[Key::char('Y')], A::Copy, 3, "copy", "copy the item at the top, by way of the terminal"),
        ]),
        section(C::WideSource, "Source with long lines", &[
            bind(&[RIGHT], A::Larger, 2, "sideways", "on to the end of long lines"),
            bind(&[LEFT], A::Smaller, 2, "sideways", "back to the start of long lines"),
        ]),
        section(C::Exercises, "Exercises", &[
            bind(&[ENTER], A::Open, 1, "open", "read its statement, build it, have it graded"),
            bind(&[ESC], A::Back, 90, "back", "go back to where you were"),
        ]),
        section(C::Exercise, "Exercise", &[
            bind(&[SPACE], A::PageDown, 0, "page", "one screen down"),
            bind(&[TAB], A::NextFocus, 5, "pane", "to the next pane"),
            bind(&[Key::char('s')], A::Start, 1, "start", "lay out a folder with the starter"),
            bind(&[Key::char('r'), ENTER], A::Grade, 2, "grade", "build, run and grade your program"),
            bind(&[Key::char('w')], A::Watch, 3, "watch", "grade at each save, or stop doing so"),
            bind(&[Key::char('h')], A::Hint, 5, "hint", "the hints so far; once they are in view, one more"),
            bind(&[Key::char('e')], A::EditFile, 4, "edit", "open your program in $EDITOR"),
            bind(&[Key::char('R')], A::Replay, 6, "replay", "run the chosen check again, with the same seed"),
            bind(&[Key::char('v')], A::Solution, 0, "solution", "the reference solution (after a pass, or when you give up)"),
            bind(&[Key::char('d')], A::Diff, 0, "diff", "how your program differs from the solution (once you may see it)"),
            bind(&[Key::char('t')], A::Statement, 0, "statement", "the statement again"),
            bind(&[Key::char('o')], A::Output, 7, "output", "what your program printed"),
            bind(&[Key::ctrl('x')], A::Stop, 8, "stop", "stop the grade and your program"),
            bind(&[LEFT], A::Smaller, 0, "language", "another language for the starter"),
            bind(&[RIGHT], A::Larger, 0, "language", "another language for the starter"),
        ]),
        section(C::Answering, "Question: your answer", &[
            bind(&[Key::ctrl('s'), Key::ctrl('r')], A::Reveal, 1, "reveal", "commit your answer and see the rubric"),
            bind(&[TAB], A::Sure, 2, "how sure", "say how sure you are, before you look"),
            bind(&[Key::ctrl('e')], A::Edit, 3, "editor", "write in $EDITOR"),
            bind(&[Key::ctrl('t')], A::Clock, 4, "clock", "show or hide the clock"),
            bind(&[Key::ctrl('g')], A::Hint, 5, "hint", "one more hint"),
            bind(&[Key::ctrl('n')], A::Skip, 6, "skip", "leave it for later"),
            bind(&[ESC], A::Back, 90, "back", "go back; what you typed is kept"),
            bind(&[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),
        ]),
        section(C::Revealed, "Question: the rubric", &[
            bind(&[SPACE, ENTER], A::Toggle, 1, "tick", "tick the point that you made"),
            bind(&[TAB], A::Model, 3, "model answer", "your answer or the model answer"),
            bind(&[Key::char('J')], A::Judge, 0, "judge", "have your own judge read it; `,` sets one"),
            bind(&[Key::char('f')], A::Followup, 4, "follow-up", "what the interviewer asks next"),
            bind(&[Key::char('l')], A::GoLab, 5, "settle it", "settle it in the lab"),
            bind(&[Key::char('1')], A::Choose(1), 2, "again", "grade: again"),
            bind(&[Key::char('2')], A::Choose(2), 2, "hard", "grade: hard"),
            bind(&[Key::char('3')], A::Choose(3), 2, "good", "grade: good"),
            bind(&[Key::char('4')], A::Choose(4), 2, "easy", "grade: easy"),
            bind(&[Key::char('u'), Key::char('z')], A::Undo, 6, "undo", "take the last grade back"),
            bind(&[Key::char('n')], A::Next, 7, "next", "next question"),
        ]),
        section(C::Nights, "Nights", &[
            bind(&[ENTER], A::Open, 1, "begin", "be on call for this night"),
        ]),
        section(C::PostMortem, "Post-mortem", &[
            bind(&[Key::char('Y')], A::Copy, 2, "copy", "copy it as Markdown, by way of the terminal"),
        ]),
        section(C::GameDay, "On call", &[
            bind(&[ENTER], A::Open, 1, "do it", "do what is typed; help lists what there is"),
            bind(&[TAB], A::PlayPause, 2, "hold, go on", "hold the evening, or let it go on"),
            bind(&[Key::plain(KeyCode::PageUp)], A::PageUp, 3, "back", "back in what was said"),
            bind(&[Key::plain(KeyCode::PageDown)], A::PageDown, 0, "on", "on to the last line"),
            bind(&[Key::plain(KeyCode::Up)], A::Up, 0, "earlier", "a line that was typed before, to do it again"),
            bind(&[Key::plain(KeyCode::Down)], A::Down, 0, "later", "a later one of them"),
            bind(&[ESC], A::Back, 90, "leave", "leave; the evening stands until you come back"),
            bind(&[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),
        ]),
        section(C::PracticeLine, "Practice: a line", &[
            bind(&[ENTER], A::Open, 1, "answer", "give the answer"),
            bind(&[Key::plain(KeyCode::PageDown)], A::PageDown, 0, "page", "further down the text"),
            bind(&[Key::plain(KeyCode::PageUp)], A::PageUp, 0, "page up", "back up the text"),
            bind(&[ESC], A::Back, 90, "back", "go back; what was graded is kept"),
            bind(&[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),
        ]),
        section(C::PracticeText, "Practice: several lines", &[
            bind(&[Key::ctrl('s')], A::Reveal, 1, "done", "give the answer"),
            bind(&[ENTER], A::Open, 0, "new line", "begin a new line"),
            bind(&[Key::ctrl('e')], A::Edit, 3, "editor", "write in $EDITOR"),
            bind(&[Key::plain(KeyCode::PageDown)], A::PageDown, 0, "page", "further down the text"),
            bind(&[Key::plain(KeyCode::PageUp)], A::PageUp, 0, "page up", "back up the text"),
            bind(&[ESC], A::Back, 90, "back", "go back; what was graded is kept"),
            bind(&[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),
        ]),
        section(C::PracticeTypedSettle, "Practice: its lab", &[
            bind(&[Key::ctrl('l')], A::GoLab, 4, "settle it", "settle it in the lab"),
        ]),
        section(C::PracticeGoOn, "Practice: what it is", &[
            bind(&[ENTER, SPACE], A::Open, 1, "go on", "go on to the next one"),
        ]),
        section(C::PracticeSure, "Practice: how sure", &[
            bind(&[Key::char('1')], A::Choose(1), 1, "10 %", "how sure: 10 %"),
            bind(&[Key::char('2')], A::Choose(2), 1, "30 %", "how sure: 30 %"),
            bind(&[Key::char('3')], A::Choose(3), 1, "50 %", "how sure: 50 %"),
            bind(&[Key::char('4')], A::Choose(4), 1, "70 %", "how sure: 70 %"),
            bind(&[Key::char('5')], A::Choose(5), 1, "90 %", "how sure: 90 %"),
            bind(&[ENTER, SPACE], A::Open, 2, "leave open", "go on without saying how sure"),
        ]),
        section(C::PracticeGrade, "Practice: how it went", &[
            bind(&[Key::char('1')], A::Choose(1), 1, "again", "grade: again"),
            bind(&[Key::char('2')], A::Choose(2), 1, "hard", "grade: hard"),
            bind(&[Key::char('3')], A::Choose(3), 1, "good", "grade: good"),
            bind(&[Key::char('4')], A::Choose(4), 1, "easy", "grade: easy"),
            bind(&[ENTER, SPACE], A::Open, 2, "as suggested", "take the grade that is suggested"),
        ]),
        section(C::PracticeTypedUndo, "Practice: a grade was given", &[
            bind(&[Key::ctrl('u')], A::Undo, 3, "undo", "take the last grade back"),
        ]),
        section(C::PracticeUndo, "Practice: a grade was given", &[
            bind(&[Key::char('u'), Key::char('z')], A::Undo, 3, "undo", "take the last grade back"),
        ]),
        section(C::PracticePick, "Practice: to choose from", &[
            bind(&[ENTER], A::Open, 1, "go on", "go on with what is chosen"),
        ]),
        section(C::PracticeSettle, "Practice: its lab", &[
            bind(&[Key::char('l')], A::GoLab, 4, "settle it", "settle it in the lab"),
        ]),
        section(C::PracticeDone, "Practice: the end", &[
            bind(&[ENTER], A::Open, 1, "back", "go back"),
        ]),
        section(C::Overview, "Overview", &[
            bind(&[Key::char('r')], A::Review, 1, "review", "review what is due"),
            bind(&[Key::char(',')], A::Settings, 2, "settings", "the day of your interview, cards a day, the judge"),
        ]),
        section(C::Help, "Keys", &[
            bind(&[ESC, Key::char('?'), Key::char('q'), ENTER], A::Back, 1, "close", "close"),
        ]),
        section(C::Palette, "Find anything", &[
            bind(&[DOWN, Key::ctrl('n'), Key::ctrl('j')], A::Down, 0, "down", "next"),
            bind(&[UP, Key::ctrl('k')], A::Up, 0, "up", "previous"),
            bind(&[Key::plain(KeyCode::PageDown)], A::PageDown, 0, "page", "one screen down"),
            bind(&[Key::plain(KeyCode::PageUp)], A::PageUp, 0, "page up", "one screen up"),
            bind(&[ENTER], A::Open, 1, "open", "open it"),
            bind(&[ESC, Key::ctrl('p')], A::Back, 2, "close", "close"),
        ]),
        section(C::Input, "Typing", &[
            bind(&[ENTER], A::Open, 1, "accept", "accept"),
            bind(&[ESC], A::Back, 2, "leave", "leave without accepting"),
        ]),
    ]
};
