//! The reader: a chapter as a page, with its outline beside it when there is room.
//!
//! - here: the state, and what each key and message does to it;
//! - [`page`]: the text set at the width of the column, and what is live in it;
//! - [`inset`]: the live things: figures that run ([`figure`]), questions, exercises;
//! - [`keys`], [`focus`], [`asking`], [`search`], [`words`], [`pointer`]: what one can do;
//! - [`reading`]: what counts as read;
//! - [`layout`]: where the parts are; [`view`]: the drawing.
//!
//! A figure runs only while a line of it is on the screen and the reader is on top.

mod asking;
mod figure;
mod focus;
mod inset;
mod keys;
mod layout;
mod page;
mod pointer;
mod reading;
mod search;
mod view;
mod words;

#[cfg(test)]
mod tests;

use super::{Cx, Message, Screen, Spot, ways};
use crate::book;
use crate::content::model::Chapter;
use crate::markdown::flow::Anchor;
use crate::progress::{Event, bookmark};
use crate::tui::address::Address;
use crate::tui::effect::{Effect, Place, Show};
use crate::tui::keymap::Context;
use crate::tui::widget::scroll::Scroll;
use inset::Inset;
use layout::Areas;
use page::Page;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use reading::Reading;
use search::Search;
use std::collections::HashSet;
use std::mem;
use std::time::Duration;
use words::Explained;

/// The keys of a page that nothing lies over.
const PAGE: &[Context] = &[
    Context::Reader,
    Context::Markable,
    Context::Pages,
    Context::Movement,
    Context::Global,
];

pub struct Reader {
    chapter: About,
    page: Page,
    scroll: Scroll,
    /// Columns by which wide drawings are moved to the left.
    sideways: usize,
    focus: Option<Focus>,
    /// The question in focus takes the keys.
    answering: bool,
    search: Option<Search>,
    /// The word that is being explained.
    explained: Option<Explained>,
    /// Nothing covers the page: its figures may run.
    on_top: bool,
    /// Sections that were read to their end, now or before.
    sections_read: HashSet<String>,
    reading: Reading,
    /// Since when the page stands as it does.
    since: Duration,
    /// Where it was left the last time: what of that section stands above was read then.
    resumed: Option<Anchor>,
    opened: Opened,
    /// The section that was last recorded as reached.
    section: Option<usize>,
}

/// When and where the page was opened.
#[derive(Debug, Clone, Copy)]
struct Opened {
    at: Duration,
    top: usize,
}

/// Who leaves a page sooner, where it was opened, came to it by a slip.
const GLANCE: Duration = Duration::from_secs(5);

/// What the reader needs to know of the chapter beside its text.
struct About {
    id: String,
    number: u8,
    title: String,
    coming: bool,
    /// What it has beside its text.
    ways: Vec<Context>,
}

impl About {
    fn of(chapter: &Chapter) -> Self {
        let meta = &chapter.meta;
        Self {
            id: meta.id.clone(),
            number: meta.number,
            title: meta.title.clone(),
            coming: meta.coming,
            ways: ways(chapter),
        }
    }
}

/// What the keys for figures and questions mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Focus {
    inset: usize,
    /// Which knob of a figure.
    dial: usize,
}

impl Reader {
    /// The chapter at a place, or where it was last left.
    pub fn open(asked: &str, anchor: Option<&Anchor>, cx: &Cx<'_>) -> Result<Self, String> {
        let chapter = cx.library.chapter(asked).map_err(|e| e.to_string())?;
        let id = &chapter.meta.id;
        let mut reader = Self {
            chapter: About::of(chapter),
            page: Page::new(chapter, cx.library.glossary(), cx.marks),
            scroll: Scroll::default(),
            sideways: 0,
            focus: None,
            answering: false,
            search: None,
            explained: None,
            on_top: false,
            sections_read: cx.marks.sections_read(id).cloned().unwrap_or_default(),
            reading: Reading::default(),
            since: cx.uptime,
            resumed: cx.marks.place_in(id).map(|place| Anchor {
                block: place.block as usize,
                letters: 0,
            }),
            opened: Opened {
                at: cx.uptime,
                top: 0,
            },
            section: None,
        };
        reader.set(cx);
        if let Some(anchor) = anchor.copied().or(reader.resumed) {
            let line = reader.page.flow.line_of(anchor);
            reader.scroll_to(line, cx);
        }
        reader.opened.top = reader.scroll.top;
        reader.section = reader.section_now();
        Ok(reader)
    }

    /// Points out what led here.
    pub fn show(&mut self, show: &Show, anchor: Option<&Anchor>, cx: &Cx<'_>) {
        match show {
            Show::Words(words) => {
                let anchor = anchor.copied().unwrap_or_default();
                self.show_words(words, self.page.flow.line_of(anchor), cx);
            }
            Show::Term(name) => self.explain_name(name, cx),
            Show::Section(name) => {
                let chapter = cx.library.chapter(&self.chapter.id).ok();
                let block = chapter.and_then(|chapter| book::heading(chapter, name));
                if let Some(block) = block {
                    let line = self.page.flow.line_of(Anchor { block, letters: 0 });
                    self.scroll_to(line, cx);
                    self.section = self.section_now();
                }
            }
        }
    }

    fn areas(cx: &Cx<'_>) -> Areas {
        layout::areas(cx.area)
    }

    fn height(cx: &Cx<'_>) -> usize {
        Self::areas(cx).text.height.into()
    }

    fn scroll_to(&mut self, line: usize, cx: &Cx<'_>) {
        let total = self.page.flow.lines.len();
        self.scroll.to(line, total, Self::height(cx));
    }

    /// Sets the text anew, with what was at the top of the screen still there.
    fn set(&mut self, cx: &Cx<'_>) {
        let width = usize::from(Self::areas(cx).text.width);
        let before = &self.page.flow;
        let anchor = before.anchor_at(self.scroll.top);
        // Inside a figure all lines share one place: how far down in it we were still means something
        // as long as the width is the same.
        let below = if self.page.width == width {
            self.scroll.top.saturating_sub(before.line_of(anchor))
        } else {
            0
        };
        self.page.set(width, self.sideways, self.focus, cx);
        let line = self.page.flow.line_of(anchor) + below;
        self.scroll_to(line, cx);
        if let Some(search) = &mut self.search {
            search.find_in(&self.page.flow);
        }
    }

    /// The section that is being read: the one that the upper third of the page belongs to.
    fn section_now(&self) -> Option<usize> {
        self.page.flow.section_at(self.scroll.top + 2)
    }

    /// Whether any line of this inset is on the screen.
    fn is_in_view(&self, inset: usize, cx: &Cx<'_>) -> bool {
        self.page.flow.slots.get(inset).is_some_and(|slot| {
            let window = self.scroll.top..self.scroll.top + Self::height(cx);
            slot.first_line < window.end && slot.first_line + slot.height > window.start
        })
    }

    fn first_in_view(&self, cx: &Cx<'_>) -> Option<usize> {
        (0..self.page.insets.len())
            .find(|inset| self.page.insets[*inset].stops() > 0 && self.is_in_view(*inset, cx))
    }

    /// Starts the figures that came into view and stops those that left it.
    fn run_figures(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for n in 0..self.page.insets.len() {
            let seen = self.on_top && self.is_in_view(n, cx);
            if let Inset::Figure(figure) = &mut self.page.insets[n] {
                effects.extend(figure.be_seen(seen));
            }
        }
        effects
    }

    /// Something happened to the run of one of them.
    fn update_figures(&mut self, message: &Message) {
        for inset in &mut self.page.insets {
            if let Inset::Figure(figure) = inset {
                figure.update(message);
            }
        }
    }

    /// What was read while the page stood as it does, before whatever moves it or leaves it.
    fn count_reading(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let spent = cx
            .uptime
            .saturating_sub(mem::replace(&mut self.since, cx.uptime));
        if !self.on_top {
            return Vec::new();
        }
        let mut sections = self.page.sections();
        if let Some(left) = self.resumed {
            let line = self.page.flow.line_of(left);
            let begun = sections.iter_mut().find(|one| one.lines.contains(&line));
            if let Some(begun) = begun {
                begun.lines.start = line;
            }
        }
        let window = self.scroll.top..self.scroll.top + Self::height(cx);
        let words = |lines| self.page.words_in(lines);
        let read = self.reading.looked_at(window, spent, sections, words);
        let new = read
            .into_iter()
            .filter(|slug| self.sections_read.insert(slug.clone()));
        let new: Vec<String> = new.collect();
        new.into_iter()
            .map(|slug| self.page_read(slug, true))
            .collect()
    }

    /// Where one is, when that is another section than before.
    fn remember(&mut self) -> Option<Effect> {
        let now = self.section_now();
        (now != mem::replace(&mut self.section, now)).then(|| self.place_now())
    }

    /// Where one is, unless one has only glanced at the page.
    fn remember_place(&self, cx: &Cx<'_>) -> Option<Effect> {
        let has_stayed = cx.uptime.saturating_sub(self.opened.at) >= GLANCE;
        (has_stayed || self.scroll.top != self.opened.top).then(|| self.place_now())
    }

    fn place_now(&self) -> Effect {
        let now = self.section_now();
        let section = now.and_then(|n| self.page.section_slug(n));
        self.page_read(section.unwrap_or_default().to_owned(), false)
    }

    fn page_read(&self, section: String, finished: bool) -> Effect {
        let anchor = self.page.flow.anchor_at(self.scroll.top);
        Effect::Record(Event::PageRead {
            chapter: self.chapter.id.clone(),
            section,
            block: anchor.block as u32,
            finished,
        })
    }

    /// What holds on the page: those of the reader first, then what the bar offers of the chapter.
    fn keys_of_page(&self) -> Vec<Context> {
        [&PAGE[..1], &self.chapter.ways, &PAGE[1..]].concat()
    }

    /// The question that takes the keys.
    fn asked(&self) -> Option<&inset::Check> {
        let focus = self.focus.filter(|_| self.answering)?;
        match self.page.insets.get(focus.inset) {
            Some(Inset::Check(check)) => Some(check),
            _ => None,
        }
    }
}

impl Screen for Reader {
    fn place(&self) -> Place {
        Place::Reader {
            chapter: self.chapter.id.clone(),
            anchor: Some(self.page.flow.anchor_at(self.scroll.top)),
            show: None,
        }
    }

    fn contexts(&self) -> Vec<Context> {
        if self.search.as_ref().is_some_and(Search::is_typing) {
            return vec![Context::Input];
        }
        if self.explained.is_some() {
            return [&[Context::Term, Context::Numbers][..], &self.keys_of_page()].concat();
        }
        let Some(quiz) = self.asked().and_then(|check| check.quiz.as_ref()) else {
            return self.keys_of_page();
        };
        let mut contexts = quiz.contexts();
        if !quiz.takes_text() {
            contexts.extend(self.keys_of_page());
        }
        contexts
    }

    fn update(&mut self, message: Message, cx: &Cx<'_>) -> Vec<Effect> {
        let mut effects = match message {
            Message::Frame(..) => Vec::new(),
            _ => self.count_reading(cx),
        };
        match message {
            Message::Shown => {
                self.on_top = true;
                self.set(cx);
                effects.extend(self.page.uncoloured(cx));
            }
            Message::Hidden => {
                self.on_top = false;
                effects.extend(self.remember_place(cx));
            }
            Message::Resized | Message::Highlighted => self.set(cx),
            Message::Act(action) => {
                effects.extend(self.act(action, cx));
                effects.extend(self.remember());
            }
            Message::Type(key) => effects.extend(self.type_key(key, cx)),
            Message::Paste(text) => self.paste(&text, cx),
            Message::Mouse(mouse) => {
                effects.extend(self.mouse(mouse, cx));
                effects.extend(self.remember());
            }
            Message::Frame(..) => {
                self.update_figures(&message);
                return Vec::new();
            }
            Message::RunFailed(..) => self.update_figures(&message),
            Message::Recorded(answer) => self.page.recorded(&answer),
            _ => {}
        }
        if self
            .focus
            .is_some_and(|focus| !self.is_in_view(focus.inset, cx))
        {
            self.focus = None;
            self.answering = false;
        }
        effects.extend(self.run_figures(cx));
        effects
    }

    /// The heading that is being read under.
    fn spot(&self, cx: &Cx<'_>) -> Option<Spot> {
        // Who was led to a hit means its section, wherever on the screen it stands.
        let in_view =
            |line: &usize| (self.scroll.top..self.scroll.top + Self::height(cx)).contains(line);
        let hit = self.search.as_ref().and_then(Search::line).filter(in_view);
        let section = match hit {
            Some(line) => self.page.flow.section_at(line),
            None => self.section_now(),
        };
        let heading = section.map(|n| &self.page.flow.outline[n]);
        let chapter = format!("{}  {}", self.chapter.number, self.chapter.title);
        Some(Spot {
            of: bookmark::of_section(
                &self.chapter.id,
                heading.map_or("", |heading| heading.slug.as_str()),
            ),
            title: match heading {
                Some(heading) => format!("{chapter} {} {}", cx.theme.symbols.none, heading.text),
                None => chapter,
            },
            at: self.place(),
        })
    }

    fn view(&self, cx: &Cx<'_>, buf: &mut Buffer) {
        view::draw(self, cx, buf);
    }

    fn addresses(&self, cx: &Cx<'_>) -> Vec<Address> {
        if self.explained.is_some() {
            return Vec::new();
        }
        self.page
            .addresses(self.scroll.top, layout::areas(cx.area).text)
    }

    fn cursor(&self, cx: &Cx<'_>) -> Option<Position> {
        view::cursor(self, cx)
    }
}
