//! The table itself: a line for each thing that a key does in a context, in the order that `?` lists them.
//!
//! It is one table however long it is: whoever adds a key sees at a glance what is taken.

use super::{Action, Binding, Context, Key};
use crossterm::event::KeyCode;

const fn bind(
    context: Context,
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
        context,
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
pub static BINDINGS: &[Binding] = {
    use Action as A;
    use Context as C;
    &[
        bind(C::Global, &[Key::char('?')], A::Help, 99, "all keys", "list every key of this screen"),
        bind(C::Global, &[Key::char(':'), Key::ctrl('p')], A::Palette, 0, "find", "find any chapter, lab, exercise or question"),
        bind(C::Global, &[ESC, Key::plain(KeyCode::Backspace)], A::Back, 90, "back", "go back to where you were"),
        bind(C::Global, &[Key::char('q')], A::Quit, 0, "quit", "leave ddlab; it reopens here"),
        bind(C::Global, &[Key::char('H')], A::Home, 0, "home", "go to the curriculum"),

        bind(C::Home, &[Key::char('j'), DOWN], A::Down, 0, "down", "next chapter"),
        bind(C::Home, &[Key::char('k'), UP], A::Up, 0, "up", "previous chapter"),
        bind(C::Home, &[Key::char('g'), Key::plain(KeyCode::Home)], A::Top, 0, "first", "first chapter"),
        bind(C::Home, &[Key::char('G'), Key::plain(KeyCode::End)], A::Bottom, 0, "last", "last chapter"),
        bind(C::Home, &[ENTER], A::Open, 1, "open", "read the chapter"),
        bind(C::Home, &[Key::char('n')], A::Next, 2, "next", "do what is next"),
        bind(C::Home, &[Key::char('l')], A::GoLab, 3, "lab", "open its lab"),
        bind(C::Home, &[Key::char('x')], A::GoExercise, 4, "build", "open its exercise"),
        bind(C::Home, &[Key::char('i')], A::GoInterview, 5, "interview", "answer its questions"),
        bind(C::Home, &[Key::char('/')], A::Search, 6, "find", "find anything by a few letters"),

        bind(C::Home, &[Key::char('q')], A::Quit, 7, "quit", "leave ddlab; it reopens here"),
        // Nothing lies above the curriculum, so the bar must not offer a way back.
        bind(C::Home, &[ESC], A::Back, 0, "stay", "stay here: this is the top"),

        bind(C::Reader, &[Key::char('j'), DOWN], A::Down, 0, "down", "one line down"),
        bind(C::Reader, &[Key::char('k'), UP], A::Up, 0, "up", "one line up"),
        bind(C::Reader, &[SPACE, Key::plain(KeyCode::PageDown), Key::ctrl('f')], A::PageDown, 1, "page", "one screen down"),
        bind(C::Reader, &[Key::plain(KeyCode::PageUp), Key::ctrl('b'), Key::char('b')], A::PageUp, 0, "page up", "one screen up"),
        bind(C::Reader, &[Key::ctrl('d'), Key::char('d')], A::HalfDown, 0, "half down", "half a screen down"),
        bind(C::Reader, &[Key::ctrl('u'), Key::char('u')], A::HalfUp, 0, "half up", "half a screen up"),
        bind(C::Reader, &[Key::char('g'), Key::plain(KeyCode::Home)], A::Top, 0, "top", "to the top of the page"),
        bind(C::Reader, &[Key::char('G'), Key::plain(KeyCode::End)], A::Bottom, 0, "end", "to the end of the page"),
        bind(C::Reader, &[Key::char(']'), Key::char('}')], A::NextPart, 3, "section", "next section"),
        bind(C::Reader, &[Key::char('['), Key::char('{')], A::PreviousPart, 0, "previous", "previous section"),
        bind(C::Reader, &[TAB], A::NextFocus, 2, "figure", "to the next figure or question in view"),
        bind(C::Reader, &[BACK_TAB], A::PreviousFocus, 0, "back", "to the figure or question before"),
        bind(C::Reader, &[ENTER], A::Open, 0, "follow", "open the figure's lab, answer the question, start the exercise"),
        bind(C::Reader, &[Key::char('p')], A::PlayPause, 0, "pause", "pause or run the figure in focus"),
        bind(C::Reader, &[LEFT, Key::char('-')], A::Smaller, 0, "less", "turn the figure's knob down; without a figure, move a wide drawing"),
        bind(C::Reader, &[RIGHT, Key::char('+')], A::Larger, 0, "more", "turn the figure's knob up; without a figure, move a wide drawing"),
        bind(C::Reader, &[Key::char('l')], A::GoLab, 4, "lab", "open the lab of this chapter"),
        bind(C::Reader, &[Key::char('x')], A::GoExercise, 5, "build", "open its exercise"),
        bind(C::Reader, &[Key::char('i')], A::GoInterview, 6, "defend", "answer its interview questions"),
        bind(C::Reader, &[Key::char('/')], A::Search, 7, "find", "search this page"),
        bind(C::Reader, &[Key::char('n')], A::NextHit, 0, "next hit", "next place that the search found"),
        bind(C::Reader, &[Key::char('N')], A::PreviousHit, 0, "previous hit", "the place before"),

        bind(C::Reader, &[Key::char('w')], A::Define, 8, "word", "explain the next underlined word"),
        bind(C::Reader, &[Key::char('W')], A::Terms, 0, "all words", "every term that the book explains"),

        bind(C::Term, &[Key::char('w'), TAB, RIGHT], A::NextFocus, 2, "next word", "explain the next underlined word"),
        bind(C::Term, &[BACK_TAB, LEFT], A::PreviousFocus, 0, "word before", "explain the underlined word before"),
        bind(C::Term, &[ENTER], A::Open, 1, "read on", "go to where the book teaches it"),
        bind(C::Term, &[Key::char('1')], A::Choose(1), 0, "beside it", "explain a word beside it"),
        bind(C::Term, &[Key::char('2')], A::Choose(2), 0, "beside it", "explain a word beside it"),
        bind(C::Term, &[Key::char('3')], A::Choose(3), 0, "beside it", "explain a word beside it"),
        bind(C::Term, &[Key::char('4')], A::Choose(4), 0, "beside it", "explain a word beside it"),
        bind(C::Term, &[Key::char('5')], A::Choose(5), 0, "beside it", "explain a word beside it"),
        bind(C::Term, &[Key::char('W')], A::Terms, 3, "all words", "every term that the book explains"),
        bind(C::Term, &[ESC], A::Back, 4, "close", "close the explanation"),

        bind(C::Check, &[Key::char('j'), DOWN], A::Down, 0, "down", "next choice"),
        bind(C::Check, &[Key::char('k'), UP], A::Up, 0, "up", "previous choice"),
        bind(C::Check, &[SPACE], A::Toggle, 2, "choose", "choose or drop this one; take it up to move it (when ordering)"),
        bind(C::Check, &[ENTER], A::Open, 1, "answer", "give this answer"),
        bind(C::Check, &[Key::char('J')], A::NextPart, 0, "move down", "move the item down (when ordering)"),
        bind(C::Check, &[Key::char('K')], A::PreviousPart, 0, "move up", "move the item up (when ordering)"),
        bind(C::Check, &[LEFT], A::Smaller, 0, "before", "another match for this line (when matching)"),
        bind(C::Check, &[RIGHT], A::Larger, 0, "after", "another match for this line (when matching)"),
        bind(C::Check, &[Key::char('s')], A::Sure, 3, "how sure", "say how sure you are, before you answer"),
        bind(C::Check, &[TAB], A::NextFocus, 0, "leave", "leave the question and go on"),
        bind(C::Check, &[ESC], A::Back, 4, "leave", "leave the question; what you chose is kept"),

        bind(C::CheckTyping, &[ENTER], A::Open, 1, "answer", "give this answer"),
        bind(C::CheckTyping, &[UP, DOWN], A::Sure, 2, "how sure", "say how sure you are, before you answer"),
        bind(C::CheckTyping, &[TAB], A::NextFocus, 0, "leave", "leave the question and go on"),
        bind(C::CheckTyping, &[ESC], A::Back, 3, "leave", "leave the question; what you typed is kept"),

        bind(C::CheckTyping, &[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),

        bind(C::CheckDone, &[ENTER, TAB], A::NextFocus, 1, "go on", "leave the question and go on"),
        bind(C::CheckDone, &[Key::char('r')], A::Reset, 2, "again", "ask it again, laid out anew"),
        bind(C::CheckDone, &[ESC], A::Back, 0, "leave", "leave the question"),

        bind(C::Explained, &[Key::char('j'), DOWN], A::Down, 0, "down", "one line down"),
        bind(C::Explained, &[Key::char('k'), UP], A::Up, 0, "up", "one line up"),
        bind(C::Explained, &[SPACE, Key::plain(KeyCode::PageDown), Key::ctrl('d')], A::PageDown, 3, "page", "one screen down"),
        bind(C::Explained, &[Key::plain(KeyCode::PageUp), Key::ctrl('u')], A::PageUp, 0, "page up", "one screen up"),

        bind(C::Score, &[Key::char('j'), DOWN], A::Down, 0, "down", "next line"),
        bind(C::Score, &[Key::char('k'), UP], A::Up, 0, "up", "previous line"),
        bind(C::Score, &[ENTER], A::Open, 1, "open", "ask again, read the section, or answer the question"),
        bind(C::Score, &[Key::char('r')], A::Reset, 2, "again", "ask again what was missed or left open"),
        bind(C::Score, &[ESC], A::Back, 3, "all questions", "to the list of all questions"),

        bind(C::Questions, &[Key::char('j'), DOWN], A::Down, 0, "down", "next question"),
        bind(C::Questions, &[Key::char('k'), UP], A::Up, 0, "up", "previous question"),
        bind(C::Questions, &[Key::char('g'), Key::plain(KeyCode::Home)], A::Top, 0, "first", "first question"),
        bind(C::Questions, &[Key::char('G'), Key::plain(KeyCode::End)], A::Bottom, 0, "last", "last question"),
        bind(C::Questions, &[ENTER], A::Open, 1, "answer", "answer this question"),
        bind(C::Questions, &[Key::char('n')], A::Next, 2, "next", "answer the first that is still open"),
        bind(C::Questions, &[TAB], A::NextFocus, 3, "quiz or interview", "to the first of the other kind"),
        bind(C::Questions, &[Key::char('l')], A::GoLab, 4, "lab", "open the lab of this chapter"),

        bind(C::Lab, &[SPACE], A::PlayPause, 1, "pause", "pause or run"),
        bind(C::Lab, &[Key::char('g')], A::Guide, 2, "guide", "be led through an experiment, or meet a service level"),
        bind(C::Lab, &[Key::char('.')], A::Step, 2, "step", "to the next event"),
        bind(C::Lab, &[Key::char(']')], A::Faster, 3, "speed", "let time pass faster"),
        bind(C::Lab, &[Key::char('[')], A::Slower, 3, "speed", "let time pass slower"),
        bind(C::Lab, &[Key::char('}')], A::NextPart, 0, "much faster", "let time pass ten times as fast"),
        bind(C::Lab, &[Key::char('{')], A::PreviousPart, 0, "much slower", "let time pass ten times as slow; from 0.05x on you see the messages"),
        bind(C::Lab, &[Key::char(',')], A::SeekBack, 0, "back", "go back a little, by replaying the run up to there"),
        bind(C::Lab, &[Key::char(';')], A::SeekOn, 0, "on", "go on again, as far as the run had come"),
        bind(C::Lab, &[TAB, Key::char('j'), DOWN], A::NextFocus, 0, "next knob", "to the next knob; after the last one to the line of time"),
        bind(C::Lab, &[BACK_TAB, Key::char('k'), UP], A::PreviousFocus, 0, "knob before", "to the knob before"),
        bind(C::Lab, &[RIGHT, Key::char('+'), Key::char('=')], A::Larger, 4, "turn", "turn the knob up"),
        bind(C::Lab, &[LEFT, Key::char('h'), Key::char('-')], A::Smaller, 4, "turn", "turn the knob down"),
        bind(C::Lab, &[ENTER], A::Edit, 0, "type", "type a value for the knob"),
        bind(C::Lab, &[Key::char('a')], A::Menu, 5, "act", "do something to the system: slow, crash, cut, burst"),
        bind(C::Lab, &[Key::char('c')], A::Compare, 6, "compare", "set beside it the same run with another value of a knob; again to end that"),
        bind(C::Lab, &[Key::char('t')], A::Slowest, 6, "slowest", "see why the slowest requests were slow"),
        bind(C::Lab, &[Key::char('s')], A::ShowSource, 7, "source", "read the pattern's source"),
        bind(C::Lab, &[Key::char('o')], A::Serve, 0, "serve", "serve this run to real clients, over HTTP on 127.0.0.1; again ends it"),
        bind(C::Lab, &[Key::char('r')], A::Reset, 0, "reset", "start again: same seed, knobs as they are"),
        bind(C::Lab, &[Key::char('w')], A::Save, 0, "save", "save the run as it is seen: seed, knobs and all that was done, to be replayed"),
        bind(C::Lab, &[Key::char('W')], A::SavedRuns, 0, "saved runs", "list the saved runs, to open one"),
        bind(C::Lab, &[Key::char('v')], A::Toggle, 0, "view", "next chart: percentiles, distribution, the other metrics"),
        bind(C::Lab, &[Key::char('x')], A::GoExercise, 0, "build", "open the chapter's exercise"),
        bind(C::Lab, &[Key::char('i')], A::GoInterview, 0, "defend", "answer its interview questions"),

        bind(C::Comparing, &[Key::char('b')], A::OtherSide, 2, "other side", "look at the other run: its picture, its log, its knobs"),
        bind(C::Comparing, &[Key::char('c')], A::Compare, 3, "end compare", "end the comparison; the run that you look at stays"),

        bind(C::CompareMenu, &[Key::char('j'), DOWN, TAB], A::Down, 0, "down", "next knob"),
        bind(C::CompareMenu, &[Key::char('k'), UP, BACK_TAB], A::Up, 0, "up", "knob before"),
        bind(C::CompareMenu, &[RIGHT, Key::char('+'), Key::char('=')], A::Larger, 2, "turn", "another value for the other run"),
        bind(C::CompareMenu, &[LEFT, Key::char('h'), Key::char('-')], A::Smaller, 2, "turn", "another value for the other run"),
        bind(C::CompareMenu, &[Key::char('t')], A::Edit, 3, "type", "type the value"),
        bind(C::CompareMenu, &[ENTER], A::Open, 1, "compare", "run both side by side"),
        bind(C::CompareMenu, &[ESC, Key::char('c')], A::Back, 4, "close", "close without comparing"),

        bind(C::Timeline, &[RIGHT, Key::char('l'), Key::char('+')], A::SeekOn, 1, "through time", "go on a step, as far as the run had come"),
        bind(C::Timeline, &[LEFT, Key::char('h'), Key::char('-')], A::SeekBack, 1, "through time", "go back a step; what lies ahead is kept until you act"),
        bind(C::Timeline, &[Key::char('g'), Key::plain(KeyCode::Home)], A::Top, 0, "start", "to the start of the run"),
        bind(C::Timeline, &[Key::char('G'), Key::plain(KeyCode::End)], A::Bottom, 0, "end", "as far as the run had come"),

        bind(C::LabMenu, &[Key::char('j'), DOWN], A::Down, 0, "down", "next"),
        bind(C::LabMenu, &[Key::char('k'), UP], A::Up, 0, "up", "previous"),
        bind(C::LabMenu, &[RIGHT, Key::char('+')], A::Larger, 2, "turn", "another node or amount"),
        bind(C::LabMenu, &[LEFT, Key::char('-')], A::Smaller, 2, "turn", "another node or amount"),
        bind(C::LabMenu, &[ENTER], A::Open, 1, "do it", "do it"),
        bind(C::LabMenu, &[ESC], A::Back, 3, "close", "close without doing anything"),

        bind(C::Runs, &[Key::char('j'), DOWN], A::Down, 0, "down", "next run"),
        bind(C::Runs, &[Key::char('k'), UP], A::Up, 0, "up", "run before"),
        bind(C::Runs, &[Key::char('g'), Key::plain(KeyCode::Home)], A::Top, 0, "first", "the newest run"),
        bind(C::Runs, &[Key::char('G'), Key::plain(KeyCode::End)], A::Bottom, 0, "last", "the oldest run"),
        bind(C::Runs, &[ENTER], A::Open, 1, "open", "open the run in its lab, ready to play"),
        bind(C::GuideList, &[Key::char('j'), DOWN], A::Down, 2, "choose", "next"),
        bind(C::GuideList, &[Key::char('k'), UP], A::Up, 2, "choose", "previous"),
        bind(C::GuideList, &[ENTER], A::Open, 1, "begin", "begin this one"),
        bind(C::GuideList, &[ESC, Key::char('g')], A::Guide, 3, "close", "close the guide, the lab goes on"),

        bind(C::GuideStep, &[ENTER], A::Open, 1, "go on", "go on to the next step"),
        bind(C::GuideStep, &[Key::char('e')], A::Edit, 0, "type", "type a value for the knob"),
        bind(C::GuideStep, &[Key::plain(KeyCode::PageDown), Key::ctrl('d')], A::PageDown, 0, "page", "further down the text"),
        bind(C::GuideStep, &[Key::plain(KeyCode::PageUp), Key::ctrl('u')], A::PageUp, 0, "page up", "back up the text"),
        bind(C::GuideStep, &[ESC, Key::char('g')], A::Guide, 2, "leave", "leave the experiment, the lab goes on"),

        bind(C::GuideChoice, &[Key::char('1')], A::Choose(1), 2, "choose", "say that it is this one"),
        bind(C::GuideChoice, &[Key::char('2')], A::Choose(2), 2, "choose", "say that it is this one"),
        bind(C::GuideChoice, &[Key::char('3')], A::Choose(3), 0, "choose", "say that it is this one"),
        bind(C::GuideChoice, &[Key::char('4')], A::Choose(4), 0, "choose", "say that it is this one"),
        bind(C::GuideChoice, &[Key::char('5')], A::Choose(5), 0, "choose", "say that it is this one"),

        bind(C::GuideTyping, &[ENTER], A::Open, 1, "commit", "commit the prediction, and see"),
        bind(C::GuideTyping, &[ESC], A::Guide, 2, "leave", "leave the experiment, the lab goes on"),
        bind(C::GuideTyping, &[Key::plain(KeyCode::PageDown)], A::PageDown, 0, "page", "further down the text"),
        bind(C::GuideTyping, &[Key::plain(KeyCode::PageUp)], A::PageUp, 0, "page up", "back up the text"),
        bind(C::GuideTyping, &[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),

        bind(C::Challenge, &[ENTER], A::Open, 1, "hand in", "begin; then hand the settings in"),
        bind(C::Challenge, &[Key::char('h')], A::Hint, 3, "hint", "one more hint"),
        bind(C::Challenge, &[Key::char('e')], A::Edit, 4, "type", "type a value for the knob"),
        bind(C::Challenge, &[Key::char('x')], A::Stop, 0, "give up", "give the scoring up"),
        bind(C::Challenge, &[Key::plain(KeyCode::PageDown), Key::ctrl('d')], A::PageDown, 0, "page", "further down the text"),
        bind(C::Challenge, &[Key::plain(KeyCode::PageUp), Key::ctrl('u')], A::PageUp, 0, "page up", "back up the text"),
        bind(C::Challenge, &[ESC, Key::char('g')], A::Guide, 5, "leave", "leave the challenge, the lab goes on"),

        bind(C::Waterfall, &[Key::char('j'), DOWN], A::Down, 1, "next", "next request"),
        bind(C::Waterfall, &[Key::char('k'), UP], A::Up, 0, "previous", "request before"),
        bind(C::Waterfall, &[Key::plain(KeyCode::PageDown), Key::ctrl('d')], A::PageDown, 2, "page", "further down the request"),
        bind(C::Waterfall, &[Key::plain(KeyCode::PageUp), Key::ctrl('u')], A::PageUp, 0, "page up", "back up the request"),
        bind(C::Waterfall, &[ESC, Key::char('t')], A::Back, 3, "close", "back to the lab"),

        bind(C::Source, &[Key::char('j'), DOWN], A::Down, 0, "down", "one line down"),
        bind(C::Source, &[Key::char('k'), UP], A::Up, 0, "up", "one line up"),
        bind(C::Source, &[SPACE, Key::plain(KeyCode::PageDown), Key::ctrl('f')], A::PageDown, 1, "page", "one screen down"),
        bind(C::Source, &[Key::plain(KeyCode::PageUp), Key::ctrl('b'), Key::char('b')], A::PageUp, 0, "page up", "one screen up"),
        bind(C::Source, &[Key::ctrl('d'), Key::char('d')], A::HalfDown, 0, "half down", "half a screen down"),
        bind(C::Source, &[Key::ctrl('u'), Key::char('u')], A::HalfUp, 0, "half up", "half a screen up"),
        bind(C::Source, &[Key::char('g'), Key::plain(KeyCode::Home)], A::Top, 0, "top", "to the top"),
        bind(C::Source, &[Key::char('G'), Key::plain(KeyCode::End)], A::Bottom, 0, "end", "to the end"),
        bind(C::Source, &[Key::char(']')], A::NextPart, 2, "next item", "next function or type"),
        bind(C::Source, &[Key::char('[')], A::PreviousPart, 0, "item before", "function or type before"),

        bind(C::Exercise, &[Key::char('j'), DOWN], A::Down, 0, "down", "scroll down"),
        bind(C::Exercise, &[Key::char('k'), UP], A::Up, 0, "up", "scroll up"),
        bind(C::Exercise, &[SPACE, Key::plain(KeyCode::PageDown), Key::ctrl('d')], A::PageDown, 0, "page", "one screen down"),
        bind(C::Exercise, &[Key::plain(KeyCode::PageUp), Key::ctrl('u')], A::PageUp, 0, "page up", "one screen up"),
        bind(C::Exercise, &[TAB], A::NextFocus, 5, "pane", "to the next pane"),
        bind(C::Exercise, &[Key::char('s')], A::Start, 1, "start", "lay out a folder with the starter"),
        bind(C::Exercise, &[Key::char('r'), ENTER], A::Grade, 2, "grade", "build, run and grade your program"),
        bind(C::Exercise, &[Key::char('w')], A::Watch, 3, "watch", "grade at each save, or stop doing so"),
        bind(C::Exercise, &[Key::char('h')], A::Hint, 4, "hint", "one more hint"),
        bind(C::Exercise, &[Key::char('v')], A::Solution, 0, "solution", "the reference solution (after a pass, or when you give up)"),
        bind(C::Exercise, &[Key::char('t')], A::Statement, 0, "statement", "the statement again"),
        bind(C::Exercise, &[Key::char('o')], A::Output, 6, "output", "what your program printed"),
        bind(C::Exercise, &[Key::char('x')], A::Stop, 7, "stop", "stop the grade and your program"),
        bind(C::Exercise, &[LEFT], A::Smaller, 0, "language", "another language for the starter"),
        bind(C::Exercise, &[RIGHT], A::Larger, 0, "language", "another language for the starter"),
        bind(C::Exercise, &[Key::char('g'), Key::plain(KeyCode::Home)], A::Top, 0, "top", "to the top"),
        bind(C::Exercise, &[Key::char('G'), Key::plain(KeyCode::End)], A::Bottom, 0, "end", "to the end"),

        bind(C::Answering, &[Key::ctrl('s'), Key::ctrl('r')], A::Reveal, 1, "reveal", "commit your answer and see the rubric"),
        bind(C::Answering, &[TAB], A::Sure, 2, "how sure", "say how sure you are, before you look"),
        bind(C::Answering, &[Key::ctrl('e')], A::Edit, 3, "editor", "write in $EDITOR"),
        bind(C::Answering, &[Key::ctrl('t')], A::Clock, 4, "clock", "show or hide the clock"),
        bind(C::Answering, &[Key::ctrl('g')], A::Hint, 5, "hint", "one more hint"),
        bind(C::Answering, &[Key::ctrl('n')], A::Skip, 6, "skip", "leave it for later"),
        bind(C::Answering, &[ESC], A::Back, 90, "back", "go back; what you typed is kept"),
        bind(C::Answering, &[Key::plain(KeyCode::F(1))], A::Help, 99, "all keys", "list every key of this screen"),

        bind(C::Revealed, &[Key::char('j'), DOWN], A::Down, 0, "down", "next point"),
        bind(C::Revealed, &[Key::char('k'), UP], A::Up, 0, "up", "previous point"),
        bind(C::Revealed, &[SPACE, ENTER, Key::char('x')], A::Toggle, 1, "tick", "tick the point that you made"),
        bind(C::Revealed, &[TAB, Key::char('m')], A::Model, 3, "model answer", "your answer or the model answer"),
        bind(C::Revealed, &[Key::char('f')], A::Followup, 4, "follow-up", "what the interviewer asks next"),
        bind(C::Revealed, &[Key::char('l')], A::GoLab, 5, "settle it", "settle it in the lab"),
        bind(C::Revealed, &[Key::char('1')], A::Choose(1), 2, "again", "grade: again"),
        bind(C::Revealed, &[Key::char('2')], A::Choose(2), 2, "hard", "grade: hard"),
        bind(C::Revealed, &[Key::char('3')], A::Choose(3), 2, "good", "grade: good"),
        bind(C::Revealed, &[Key::char('4')], A::Choose(4), 2, "easy", "grade: easy"),
        bind(C::Revealed, &[Key::char('u')], A::Undo, 6, "undo", "take the last grade back"),
        bind(C::Revealed, &[Key::plain(KeyCode::PageDown), Key::ctrl('d')], A::PageDown, 0, "page", "scroll down"),
        bind(C::Revealed, &[Key::plain(KeyCode::PageUp), Key::ctrl('u')], A::PageUp, 0, "page up", "scroll up"),
        bind(C::Revealed, &[Key::char('n')], A::Next, 7, "next", "next question"),

        bind(C::Help, &[Key::char('j'), DOWN], A::Down, 0, "down", "scroll down"),
        bind(C::Help, &[Key::char('k'), UP], A::Up, 0, "up", "scroll up"),
        bind(C::Help, &[ESC, Key::char('?'), Key::char('q'), ENTER], A::Back, 1, "close", "close"),

        bind(C::Palette, &[DOWN, Key::ctrl('n'), Key::ctrl('j')], A::Down, 0, "down", "next"),
        bind(C::Palette, &[UP, Key::ctrl('k')], A::Up, 0, "up", "previous"),
        bind(C::Palette, &[ENTER], A::Open, 1, "open", "open it"),
        bind(C::Palette, &[ESC, Key::ctrl('p')], A::Back, 2, "close", "close"),

        bind(C::Input, &[ENTER], A::Open, 1, "accept", "accept"),
        bind(C::Input, &[ESC], A::Back, 2, "leave", "leave without accepting"),
    ]
};
