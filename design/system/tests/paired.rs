//! Paired comparison: a figure of a design and of a lab of the book, at equal knobs, over the same seeds.
//!
//! Two independent runs of one system differ by chance. How much the difference of one seed varies is measured over
//! twenty seeds and declared as its `deviation`; over n seeds the means may then differ by three standard errors, 3 x deviation / √n,
//! and by what the two systems are known to differ. With more seeds (`SEEDS=20`) the band is narrower, and the declared
//! deviation is held against the measured one.

use super::{lab_of, seconds, seeds};
use ddlab_labs::engine::SimTime;
use ddlab_labs::workbench::frame::Statistic;
use ddlab_labs::workbench::headless::{self, Report};
use ddlab_labs::workbench::plan::RunPlan;

/// From so many seeds on, a declared deviation is held against the measured one.
const ENOUGH_SEEDS: usize = 20;

/// A design, and a lab with the settings and the script that make it the same system.
pub struct Paired<'a> {
    pub design: &'a str,
    pub lab: &'a str,
    pub set: &'a [&'a str],
    pub script: &'a [&'a str],
    /// Virtual seconds of a run, and those at its start that are left out.
    pub length: u64,
    pub warmup: u64,
}

/// A figure of both, in the unit of its metric.
pub struct Figure<'a> {
    pub ours: &'a str,
    pub theirs: &'a str,
    pub statistic: Statistic,
    /// What the two are known to differ by, such as a hop that one of them has; 0 where they are the same system.
    pub apart: f64,
    /// The standard deviation of the difference of one seed.
    pub deviation: f64,
}

impl Paired<'_> {
    /// Holds that the two differ by chance alone, beside what they are known to differ by. Returns our means.
    #[track_caller]
    pub fn agree<const N: usize>(&self, figures: &[Figure<'_>; N]) -> [f64; N] {
        let pairs: Vec<[(f64, f64); N]> = seeds(3).map(|seed| self.pair(seed, figures)).collect();
        let count = pairs.len() as f64;
        std::array::from_fn(|nth| {
            let Figure { ours, theirs, .. } = figures[nth];
            let of = |part: fn(&(f64, f64)) -> f64| pairs.iter().map(move |pair| part(&pair[nth]));
            let [mean, other] =
                [of(|pair| pair.0), of(|pair| pair.1)].map(|all| all.sum::<f64>() / count);
            let apart = mean - other;
            let square: f64 = of(|pair| pair.0 - pair.1)
                .map(|one| (one - apart).powi(2))
                .sum();
            let measured = (square / (count - 1.0).max(1.0)).sqrt();
            let (declared, known) = (figures[nth].deviation, figures[nth].apart);
            let error = declared / count.sqrt();
            println!(
                "{ours}: {mean:.4}, {theirs} of {}: {other:.4}; apart {apart:.4} ± {:.4} over {count} seeds, deviation {measured:.4}",
                self.lab,
                measured / count.sqrt()
            );
            assert!(
                (apart - known).abs() <= 3.0 * error + 1e-9,
                "{ours} {mean}, {theirs} {other}: {apart} apart, known {known}, standard error {error}"
            );
            assert!(
                pairs.len() < ENOUGH_SEEDS || declared <= 2.0 * measured.max(1e-4),
                "{ours}: a deviation of {declared} is declared, and {measured} is measured"
            );
            mean
        })
    }

    fn pair<const N: usize>(&self, seed: u64, figures: &[Figure<'_>; N]) -> [(f64, f64); N] {
        let mut plan = seconds(lab_of(self.design), seed, self.length);
        plan.warmup = SimTime::from_secs(self.warmup);
        let ours = super::run(plan);
        let theirs = self.of_lab(seed);
        std::array::from_fn(|nth| {
            let Figure { statistic, .. } = figures[nth];
            (
                super::get(&ours, figures[nth].ours, statistic),
                super::get(&theirs, figures[nth].theirs, statistic),
            )
        })
    }

    fn of_lab(&self, seed: u64) -> Report {
        let mut plan = RunPlan::new(ddlab_labs::find(self.lab).unwrap(), seed);
        for set in self.set {
            plan.knobs.set_text(set).unwrap();
        }
        for line in self.script {
            plan.script_text(line).unwrap();
        }
        plan.length = SimTime::from_secs(self.length);
        plan.warmup = SimTime::from_secs(self.warmup);
        headless::run(plan).unwrap()
    }
}
