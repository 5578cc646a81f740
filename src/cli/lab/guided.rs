//! What experiments and challenges have in common in plain mode: their names.

use super::harmless;
use ddlab_labs::workbench::guide::Guides;
use ddlab_labs::workbench::lab::LabSpec;
use eyre::Result;

/// Splits `LAB/ID`, and finds the lab.
pub fn split(name: &str) -> Result<(&'static LabSpec, &'static Guides, &str)> {
    let Some((lab, id)) = name.split_once('/') else {
        return Err(harmless(format!(
            "`{}` is not an experiment or a challenge; write LAB/ID, and `ddlab lab show LAB` lists them",
            ddlab_text::given(name)
        )));
    };
    let spec = super::find(lab)?.spec();
    Ok((spec, ddlab_labs::guides(spec.id), id))
}

/// A name that is not there.
pub fn unknown(error: &str, lab: &LabSpec) -> eyre::Report {
    harmless(format!("the lab {}: {error}", lab.id))
}
