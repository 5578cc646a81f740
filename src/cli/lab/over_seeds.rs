//! How the ratio of two sides spreads over seeds, each of which is a pair of runs.

use ddlab_labs::workbench::compare::ratios;
use ddlab_labs::workbench::headless::Compared;
use ddlab_labs::workbench::sweep::spread::Spread;

/// B as a multiple of A over several seeds: by metric, then by figure in the order of
/// [`figures`](ddlab_labs::workbench::compare::figures).
#[derive(Debug, Default)]
pub struct RatiosOverSeeds {
    metrics: Vec<(&'static str, Vec<(&'static str, Spread)>)>,
}

impl RatiosOverSeeds {
    /// Takes in the pair of the next seed. A figure that has no ratio at a seed is left out there.
    pub fn add(&mut self, pair: &Compared) {
        let sides = pair.a.metrics.iter().zip(&pair.b.metrics);
        for (place, ((spec, a), (_, b))) in sides.enumerate() {
            let ratios = ratios(a, b);
            if self.metrics.len() == place {
                let empty = ratios
                    .iter()
                    .map(|(figure, _)| (*figure, Spread::default()));
                self.metrics.push((spec.name, empty.collect()));
            }
            let spreads = &mut self.metrics[place].1;
            for ((_, spread), (_, ratio)) in spreads.iter_mut().zip(ratios) {
                if let Some(ratio) = ratio {
                    spread.add(ratio);
                }
            }
        }
    }

    pub fn metrics(&self) -> impl Iterator<Item = (&'static str, &[(&'static str, Spread)])> {
        let metrics = self.metrics.iter();
        metrics.map(|(name, figures)| (*name, figures.as_slice()))
    }

    /// Of one figure of one metric.
    pub fn of(&self, metric: &str, figure: &str) -> Option<&Spread> {
        let (_, figures) = self.metrics().find(|(name, _)| *name == metric)?;
        let found = figures.iter().find(|(name, _)| *name == figure)?;
        Some(&found.1)
    }
}
