//! The specification of a lab: all of it that is data.

use super::action::ActionSpec;
use super::knob::KnobSpec;
use super::meter::MetricSpec;
use super::outside::EndpointSpec;
use super::role::Role;
use super::scene::SceneKind;
use ddlab_archive::{Archive, archive};

/// The pattern and the experiments of each lab, by its folder.
static LABS: Archive = archive!("labs");

/// A file of the lab whose folder is the module that has `path`, or that is within.
#[doc(hidden)]
pub fn packed(path: &str, file: &str) -> &'static str {
    let mut folders = path.split("::");
    let text = folders.find_map(|folder| LABS.file(&format!("{folder}/{file}")));
    text.expect("the folder of a lab has a pattern.rs and an experiments.yaml")
}

/// All that can be known of a lab without running it.
#[derive(Debug, Clone)]
pub struct LabSpec {
    /// How scripts address it: `scatter-gather`.
    pub id: &'static str,
    pub title: &'static str,
    /// The chapter that it belongs to.
    pub chapter: u8,
    /// What one learns here, one line.
    pub promise: &'static str,
    /// The picture that its frames are drawn as.
    pub scene: SceneKind,
    pub knobs: Vec<KnobSpec>,
    pub actions: Vec<ActionSpec>,
    pub metrics: Vec<MetricSpec>,
    /// What must hold of it at every moment, each as a sentence.
    pub invariants: Vec<&'static str>,
    /// What somebody with a real client can ask of it.
    pub endpoints: Vec<EndpointSpec>,
    /// The text of `experiments.yaml`.
    pub experiments: &'static str,
    /// Source of `pattern.rs`, for the source view.
    pub source: &'static str,
}

impl LabSpec {
    /// What actions are aimed at, if at nodes.
    pub fn target(&self) -> Option<&'static Role> {
        self.actions.iter().find_map(|action| action.target)
    }
}
