//! A live figure: a small lab that runs in the page. It starts when it comes into view and stops when
//! it leaves; what the reader turned stays turned, and the last picture stays until there is a newer one.

use super::inset::{hint, row};
use crate::markdown::block::LabFigure;
use crate::tui::effect::{Effect, Place, RunId};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::prose;
use ddlab_labs::workbench::figure::FigureSpec;
use ddlab_labs::workbench::frame::{Frame, Role as NodeRole};
use ddlab_labs::workbench::knob::KnobSettings;
use ddlab_labs::workbench::lab::LabSpec;
use ddlab_labs::workbench::run::Command;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Padding, Widget};
use std::sync::Arc;

/// Rows of the picture.
const PICTURE: u16 = 5;

pub struct Figure {
    live: LabFigure,
    known: Result<Known, String>,
    run: Option<RunId>,
    paused: bool,
    frame: Option<Arc<Frame>>,
}

/// The figure as its lab describes it, with its knobs as the reader left them.
struct Known {
    lab: &'static LabSpec,
    spec: &'static FigureSpec,
    knobs: KnobSettings,
}

impl Known {
    fn find(live: &LabFigure) -> Result<Self, String> {
        let lab = ddlab_labs::find(&live.lab)
            .map(|lab| lab.spec())
            .ok_or_else(|| format!("there is no lab `{}`", live.lab))?;
        let spec = lab
            .figure(&live.figure)
            .ok_or_else(|| format!("the lab `{}` has no figure `{}`", live.lab, live.figure))?;
        let knobs = spec.knobs(lab).map_err(|error| error.to_string())?;
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
            frame: None,
        }
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
            (true, None) if !self.paused => self.start(),
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
            self.known = Err(reason.to_owned());
        }
    }

    pub fn play_or_pause(&mut self) -> Vec<Effect> {
        self.paused = !self.paused;
        let command = match self.paused {
            true => Command::Pause,
            false => Command::Play,
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
        let knob = (*name).to_owned();
        run.map(|run| Effect::Lab(run, Command::Set { knob, value }))
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
        match &self.known {
            Ok(_) => usize::from(PICTURE) + 2 + self.caption(width, theme).len(),
            Err(_) => 1,
        }
    }

    fn caption(&self, width: u16, theme: &Theme) -> Vec<Line<'static>> {
        let caption = prose::lines(&self.live.caption, width, theme);
        prose::tinted(caption, Role::Dim, theme)
    }

    pub fn draw(&self, dial: Option<usize>, theme: &Theme, area: Rect, buf: &mut Buffer) {
        match &self.known {
            Err(reason) => {
                let sign = theme.symbols.warning;
                Line::styled(format!("{sign} {reason}"), theme.style(Role::Warning))
                    .render(row(area, 0), buf);
            }
            Ok(known) => self.draw_known(known, dial, theme, area, buf),
        }
    }

    fn draw_known(
        &self,
        known: &Known,
        dial: Option<usize>,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let frame_area = Rect {
            height: (PICTURE + 2).min(area.height),
            ..area
        };
        let border = if dial.is_some() {
            Role::Accent
        } else {
            Role::Border
        };
        let state = match (self.paused, &self.frame) {
            (true, _) => "paused",
            (false, None) => "starting",
            (false, Some(_)) => "live",
        };
        let block = Block::bordered()
            .border_set(theme.symbols.border)
            .border_style(theme.style(border))
            .title(format!(
                " {state} {} {} ",
                theme.symbols.none, known.spec.caption
            ))
            .title_style(theme.style(Role::Dim))
            .padding(Padding::horizontal(1));
        let inner = block.inner(frame_area);
        block.render(frame_area, buf);
        if let Some(frame) = &self.frame {
            picture(known.spec, frame, theme, inner, buf);
        }
        self.hints(known, dial, theme, frame_area, buf);
        let captions = self.caption(area.width, theme);
        for (n, line) in captions.into_iter().enumerate() {
            line.render(row(area, PICTURE + 2 + n as u16), buf);
        }
    }

    /// On the lower border, what the keys do.
    fn hints(
        &self,
        known: &Known,
        dial: Option<usize>,
        theme: &Theme,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let at = Rect {
            x: area.x + 2,
            width: area.width.saturating_sub(4),
            ..row(area, area.height.saturating_sub(1))
        };
        let symbols = theme.symbols;
        let name = known.spec.dials.get(dial.unwrap_or(0));
        let turned = name.and_then(|name| {
            let spec = known.knobs.spec(name).ok()?;
            let value = spec.human(known.knobs.value(name));
            let label = name.replace('_', " ");
            Some(format!("{label} {}{value}{}", symbols.left, symbols.right))
        });
        let pause = if self.paused { "run" } else { "pause" };
        let mut keys = vec![(" p", pause)];
        if let Some(turned) = &turned {
            keys.push(("- +", turned));
        }
        keys.push(("enter", "open the lab "));
        hint(&keys, theme, at, buf);
    }
}

/// The leaves as one strip of load bars, and the numbers beside it.
fn picture(spec: &FigureSpec, frame: &Frame, theme: &Theme, area: Rect, buf: &mut Buffer) {
    for (n, readout) in spec.readouts.iter().enumerate().take(area.height.into()) {
        let text = format!("{:>9}  {}", readout.show(frame), readout.label);
        Line::styled(text, theme.style(Role::Text)).render(row(area, n as u16), buf);
    }
    let loads = frame
        .nodes
        .iter()
        .filter(|node| node.role == NodeRole::Leaf);
    let last = row(area, area.height.saturating_sub(1));
    for (node, x) in loads.zip(last.left()..last.right()) {
        let level = (node.load.clamp(0.0, 1.0) * 8.0).round() as usize;
        buf[(x, last.y)]
            .set_symbol(theme.symbols.levels[level])
            .set_style(theme.style(Role::Accent));
    }
}
