//! A live figure: a small lab that runs in the page. It starts when it comes into view and stops when
//! it leaves; what the reader turned stays turned, and the last picture stays until there is a newer one.

use crate::markdown::block::LabFigure;
use crate::tui::effect::{Effect, Place};
use crate::tui::event::Message;
use crate::tui::live_run::LiveRun;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::parts::Parts;
use crate::tui::widget::still::{self, Still};
use crate::tui::widget::{figure, prose};
use ddlab_labs::workbench::figure::FigureSpec;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::lab::LabSpec;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use std::sync::Arc;

pub struct Figure {
    live: LabFigure,
    known: Result<Known, Absent>,
    /// The last picture, of this run or of the one before.
    frame: Option<Arc<Frame>>,
}

/// The figure as its lab describes it, with its run as the reader left it.
struct Known {
    lab: &'static LabSpec,
    spec: &'static FigureSpec,
    run: LiveRun,
}

/// Why there is nothing to run.
enum Absent {
    /// The lab is announced and still to be built.
    Coming,
    /// The page names what is not there.
    Wrong(String),
}

impl Known {
    fn find(live: &LabFigure) -> Result<Self, Absent> {
        if ddlab_labs::PLANNED.contains(&live.lab.as_str()) {
            return Err(Absent::Coming);
        }
        let lab = ddlab_labs::find_or_nearest(&live.lab)
            .map_err(Absent::Wrong)?
            .spec();
        let figures = ddlab_labs::guides(lab.id);
        let spec = figures.figure(&live.figure).map_err(Absent::Wrong)?;
        let run = LiveRun::of_figure(lab, spec);
        Ok(Self { lab, spec, run })
    }
}

impl Figure {
    pub fn new(live: &LabFigure) -> Self {
        Self {
            live: live.clone(),
            known: Known::find(live),
            frame: None,
        }
    }

    /// There is a lab behind it: keys mean something here.
    pub fn is_live(&self) -> bool {
        self.known.is_ok()
    }

    /// Knobs that can be turned in the page.
    pub fn dials(&self) -> &'static [&'static str] {
        match &self.known {
            Ok(known) => &known.spec.dials,
            Err(_) => &[],
        }
    }

    /// Starts it when it is seen and stops it when it is not. One that could not start is not tried again.
    pub fn be_seen(&mut self, seen: bool) -> Vec<Effect> {
        let Ok(known) = &mut self.known else {
            return Vec::new();
        };
        let run = &mut known.run;
        match (seen, run.id()) {
            (true, None) if run.is_playing() && run.trouble().is_none() => run.start(),
            (false, Some(_)) => run.stop(),
            _ => Vec::new(),
        }
    }

    /// Follows what happens to its run.
    pub fn update(&mut self, message: &Message) {
        if let Ok(known) = &mut self.known {
            // Whether the page is seen is told by `be_seen`; of the rest of it nothing asks for an effect.
            drop(known.run.update(message));
            self.frame = known.run.frame().cloned().or(self.frame.take());
        }
    }

    pub fn play_or_pause(&mut self) -> Vec<Effect> {
        match &mut self.known {
            Ok(Known { run, .. }) => run.play(!run.is_playing()),
            Err(_) => Vec::new(),
        }
    }

    /// Turns one of its knobs.
    pub fn turn(&mut self, dial: usize, turns: i32) -> Vec<Effect> {
        let Ok(Known { spec, run, .. }) = &mut self.known else {
            return Vec::new();
        };
        let knob = spec.dials.get(dial).map(|name| run.knobs().spec(name));
        let Some(Ok(knob)) = knob else {
            return Vec::new();
        };
        let value = knob.turned(run.knobs().value(knob.name), turns);
        run.turn(knob, value)
    }

    /// The whole lab, set as the figure is.
    pub fn whole(&self) -> Option<Place> {
        self.known.as_ref().ok().map(|known| known.run.place())
    }

    pub fn height(&self, width: u16, theme: &Theme) -> usize {
        let height = match &self.known {
            Ok(known) => figure::height(known.spec, known.lab.scene),
            Err(Absent::Coming) => still::HEIGHT,
            Err(Absent::Wrong(_)) => return 1,
        };
        usize::from(height) + self.caption(width, theme).len()
    }

    /// What the page says of it, under it.
    fn caption(&self, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        prose::lines_as(Role::Dim, &self.live.caption, width, theme)
    }

    /// `dial` is the knob in focus, when the figure has it.
    pub fn draw(&self, dial: Option<usize>, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let height = match &self.known {
            Ok(known) => self.draw_live(known, dial, theme, area, buf),
            Err(Absent::Coming) => {
                let still = Still {
                    figure: &self.live.figure,
                    theme,
                };
                still.render(area.upper(still::HEIGHT), buf);
                still::HEIGHT
            }
            Err(Absent::Wrong(reason)) => {
                let sign = theme.symbols.warning;
                theme
                    .line(format!("{sign} {reason}"), Role::Warning)
                    .render(area.row(0), buf);
                return;
            }
        };
        for (n, line) in self.caption(area.width, theme).into_iter().enumerate() {
            line.render(area.row(height + n as u16), buf);
        }
    }

    /// The rows that it took.
    fn draw_live(
        &self,
        known: &Known,
        dial: Option<usize>,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) -> u16 {
        let height = figure::height(known.spec, known.lab.scene);
        let widget = figure::Figure {
            spec: known.spec,
            knobs: &known.lab.knobs,
            values: known.run.knobs().values(),
            frame: self.frame.as_deref(),
            trouble: known.run.trouble(),
            focused: dial.is_some(),
            dial: dial.unwrap_or(0),
            playing: known.run.is_playing(),
            theme,
        };
        widget.render(area.upper(height), buf);
        height
    }
}
