//! The screens, and the loop that drives them.
//!
//! Terminal events, lab frames, grader news and signals are one [`event::Event`]. [`run`] awaits one,
//! lets [`app::App`] update, has [`perform`] carry out the [`effect::Effect`]s that come back, and draws
//! when something changed. A [`screen::Screen`] is a plain state; [`keymap`] is the one table of keys;
//! [`theme`] is the one place that knows of colours; a [`live_run`] is a running lab in any screen.

pub mod address;
pub mod app;
mod editor;
pub mod effect;
pub mod event;
pub mod exercise_worker;
mod ground;
pub mod keymap;
pub mod live_run;
mod measure_worker;
mod perform;
pub mod run;
pub mod screen;
pub mod serving;
mod signals;
pub mod svg;
mod terminal;
pub mod theme;
pub mod widget;
