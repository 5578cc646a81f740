//! A live figure: a small lab that runs in the page. It starts when it comes into view and stops when
//! it leaves; what the reader turned stays turned, and the last picture stays until there is a newer one.

use super::inset::row;
use crate::markdown::block::LabFigure;
use crate::tui::effect::{Effect, Place, RunId};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::still::{self, Still};
use crate::tui::widget::{figure, prose};
use ddlab_labs::workbench::figure::FigureSpec;
use ddlab_labs::workbench::frame::Frame;
use ddlab_labs::workbench::intervention::Intervention;
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::run::Command;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use std::sync::Arc;

pub struct Figure {
    live: LabFigure,
    known: Result<Known, Absent>,
    run: Option<RunId>,
    paused: bool,
    /// Why it could not start; it is not tried again.
    failed: Option<String>,
    frame: Option<Arc<Frame>>,
}

/// The figure as its lab describes it, with its knobs as the reader left them.
struct Known {
    lab: &'static LabSpec,
    spec: &'static FigureSpec,
    knobs: KnobSettings,
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
        let spec = lab.figure(&live.figure).ok_or_else(|| {
            let LabFigure { lab, figure, .. } = live;
            Absent::Wrong(format!("the lab `{lab}` has no figure `{figure}`"))
        })?;
        let knobs = spec
            .knobs(lab)
            .map_err(|error| Absent::Wrong(error.to_string()))?;
        Ok(Self { lab, spec, knobs })
    }
}

impl Figure {
    pub fn new(live: &LabFigure) -> Self {
        Self {
            live: live.clone(),
            known: Known::find(live),
            run: None,
            paused: false,
            failed: None,
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
            Ok(known) => known.spec.dials,
            Err(_) => &[],
        }
    }

    /// Starts it when it is seen and stops it when it is not.
    pub fn be_seen(&mut self, seen: bool) -> Option<Effect> {
        match (seen, self.run) {
            (true, None) if !self.paused && self.failed.is_none() => self.start(),
            (false, Some(run)) => {
                self.run = None;
                Some(Effect::StopLab(run))
            }
            _ => None,
        }
    }

    fn start(&mut self) -> Option<Effect> {
        let known = self.known.as_ref().ok()?;
        let run = RunId::fresh();
        self.run = Some(run);
        let knobs = known.knobs.iter();
        Some(Effect::StartLab {
            run,
            lab: known.lab.id,
            seed: known.spec.seed,
            knobs: knobs
                .filter(|(spec, value)| **value != spec.default)
                .map(|(spec, value)| (spec.name.to_owned(), value.clone()))
                .collect(),
            speed: known.spec.speed,
        })
    }

    pub fn take(&mut self, run: RunId, frame: &Arc<Frame>) {
        if self.run == Some(run) {
            self.frame = Some(Arc::clone(frame));
        }
    }

    pub fn fail(&mut self, run: RunId, reason: &str) {
        if self.run == Some(run) {
            self.run = None;
            self.failed = Some(reason.to_owned());
        }
    }

    pub fn play_or_pause(&mut self) -> Vec<Effect> {
        self.paused = !self.paused;
        let command = if self.paused {
            Command::Pause
        } else {
            Command::Play
        };
        match self.run {
            Some(run) => vec![Effect::Lab(run, command)],
            // It was paused and then left: it starts again where it is seen next.
            None => Vec::new(),
        }
    }

    /// Turns one of its knobs.
    pub fn turn(&mut self, dial: usize, turns: i32) -> Vec<Effect> {
        let run = self.run;
        let Ok(known) = &mut self.known else {
            return Vec::new();
        };
        let Some(name) = known.spec.dials.get(dial) else {
            return Vec::new();
        };
        let Ok(spec) = known.knobs.spec(name) else {
            return Vec::new();
        };
        let value = spec.turned(known.knobs.value(name), turns);
        if known.knobs.set(name, value.clone()).is_err() {
            return Vec::new();
        }
        let turn = Intervention::Set { knob: name, value };
        run.map(|run| Effect::Lab(run, Command::Intervene(turn)))
            .into_iter()
            .collect()
    }

    /// The whole lab, set as the figure is.
    pub fn whole(&self) -> Option<Place> {
        let known = self.known.as_ref().ok()?;
        let turned = known.knobs.iter();
        Some(Place::Lab {
            lab: known.lab.id.to_owned(),
            set: turned
                .filter(|(spec, value)| **value != spec.default)
                .map(|(spec, value)| format!("{}={value}", spec.name))
                .collect(),
            seed: known.spec.seed,
        })
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
        let caption = prose::lines(&self.live.caption, width, theme);
        prose::tinted(caption, Role::Dim, theme)
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
                still.render(upper(area, still::HEIGHT), buf);
                still::HEIGHT
            }
            Err(Absent::Wrong(reason)) => {
                let sign = theme.symbols.warning;
                Line::styled(format!("{sign} {reason}"), theme.style(Role::Warning))
                    .render(row(area, 0), buf);
                return;
            }
        };
        for (n, line) in self.caption(area.width, theme).into_iter().enumerate() {
            line.render(row(area, height + n as u16), buf);
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
            values: known.knobs.values(),
            frame: self.frame.as_deref(),
            trouble: self.failed.as_deref(),
            focused: dial.is_some(),
            dial: dial.unwrap_or(0),
            playing: !self.paused,
            theme,
        };
        widget.render(upper(area, height), buf);
        height
    }
}

/// The first rows of an area.
fn upper(area: Rect, height: u16) -> Rect {
    Rect {
        height: height.min(area.height),
        ..area
    }
}
