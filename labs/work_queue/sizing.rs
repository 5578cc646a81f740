//! How fast to try again and how many to be: back-off, and the autoscalers' rules.

use std::collections::VecDeque;
use std::time::Duration;

/// How long an item that came back stays out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backoff {
    None,
    Fixed(Duration),
    /// Twice as long after each delivery.
    Exponential(Duration),
}

/// No item waits longer than this for its next attempt.
const BACKOFF_MAX: Duration = Duration::from_mins(15);

impl Backoff {
    /// The delay after so many deliveries, at least one.
    pub fn after(self, received: u32) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(delay) => delay,
            Self::Exponential(first) => {
                let factor = 2u32.saturating_pow(received.saturating_sub(1));
                first.saturating_mul(factor).min(BACKOFF_MAX)
            }
        }
    }
}

/// What the autoscaler goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScaleBy {
    /// So many items, waiting or handed out, for each worker.
    Depth(f64),
    /// So many seconds that the oldest item may be old; the pool changes by the same factor by which
    /// the age misses it. It needs no guess about service time.
    Age(f64),
    /// So many items for each worker, as Kubernetes' `HorizontalPodAutoscaler` goes by an external metric.
    Hpa(f64),
    /// The same, and KEDA between none and one.
    Keda(f64),
}

impl ScaleBy {
    /// How many workers the rule calls for at this moment, whatever it called for before.
    pub fn wanted(self, bounds: Bounds, seen: Seen) -> usize {
        let wanted = match self {
            Self::Depth(per_worker) => seen.items as f64 / per_worker,
            Self::Hpa(per_worker) | Self::Keda(per_worker) => hpa_wanted(per_worker, seen),
            Self::Age(seconds) => seen.workers as f64 * seen.oldest_age.as_secs_f64() / seconds,
        };
        // Less a trifle: 0.3 / 0.1 is 2.9999999999999996 and 0.7 / 0.1 more than 7.
        let wanted = (wanted - 1e-9).ceil().max(0.0) as usize;
        wanted.clamp(bounds.least, bounds.most.max(bounds.least))
    }
}

/// What the autoscaler sees when it looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Waiting and handed out.
    pub items: usize,
    pub oldest_age: Duration,
    /// Workers that are there or on their way.
    pub workers: usize,
}

/// Decides how many workers there should be.
#[derive(Debug, Default)]
pub struct Scaler {
    cooldown: Cooldown,
    hpa: Hpa,
    keda: Keda,
}

/// The autoscaler's bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub least: usize,
    pub most: usize,
    pub cooldown: Duration,
}

impl Scaler {
    pub fn desired(&mut self, by: ScaleBy, bounds: Bounds, seen: Seen, now: Duration) -> usize {
        let wanted = by.wanted(bounds, seen);
        match by {
            ScaleBy::Depth(_) | ScaleBy::Age(_) => self.cooldown.allows(wanted, bounds, seen, now),
            ScaleBy::Hpa(_) => self.hpa.allows(wanted, bounds, seen, now),
            ScaleBy::Keda(_) => {
                let wanted = self.hpa.allows(wanted, bounds, seen, now);
                self.keda.allows(wanted, bounds, seen, now)
            }
        }
    }
}

/// Up at once; down only after nothing has called for the present size for a whole cooldown, since a pool
/// that follows each lull saws.
#[derive(Debug, Default)]
struct Cooldown {
    /// Since when fewer are wanted than there are, and the most that were wanted meanwhile.
    lull: Option<(Duration, usize)>,
}

impl Cooldown {
    fn allows(&mut self, wanted: usize, bounds: Bounds, seen: Seen, now: Duration) -> usize {
        if wanted >= seen.workers {
            self.lull = None;
            return wanted;
        }
        let (since, most) = self.lull.unwrap_or((now, wanted));
        let most = most.max(wanted);
        if now.saturating_sub(since) < bounds.cooldown {
            self.lull = Some((since, most));
            return seen.workers;
        }
        self.lull = None;
        most
    }
}

/// No change while the metric is within this share of its target (kube-controller-manager's
/// `--horizontal-pod-autoscaler-tolerance`).
const HPA_TOLERANCE: f64 = 0.1;
/// By default HPA adds, within 15 s, four pods or as many as there were, whichever is more (Kubernetes
/// documentation, Horizontal Pod Autoscaling, default behavior).
const HPA_UP_WITHIN: Duration = Duration::from_secs(15);
const HPA_UP_PODS: usize = 4;

/// What HPA computes from an external metric with a target for each pod (`AverageValue`): ⌈items / target⌉,
/// unless the present number is within the tolerance. From none, where it has nothing to compare with, it goes
/// by the metric alone; it does so by default since Kubernetes 1.37 (KEP-2021, `HPAScaleToZero`).
fn hpa_wanted(per_worker: f64, seen: Seen) -> f64 {
    let (items, workers) = (seen.items as f64, seen.workers as f64);
    let ratio = items / (per_worker * workers);
    if seen.workers > 0 && (ratio - 1.0).abs() <= HPA_TOLERANCE {
        workers
    } else {
        items / per_worker
    }
}

/// Kubernetes' `HorizontalPodAutoscaler` with its default behavior; its stabilisation window for scaling down
/// is the cooldown of the bounds (kubernetes/kubernetes, `pkg/controller/podautoscaler/horizontal.go`,
/// `recordInitialRecommendation` and `stabilizeRecommendationWithBehaviors`).
#[derive(Debug, Default)]
struct Hpa {
    /// What was wanted when, within the stabilisation window.
    wanted: VecDeque<(Duration, usize)>,
    /// Workers that were added, and when.
    added: VecDeque<(Duration, usize)>,
}

impl Hpa {
    fn allows(&mut self, wanted: usize, bounds: Bounds, seen: Seen, now: Duration) -> usize {
        if self.wanted.is_empty() {
            // As many as it finds were wanted: it takes none of them away at its first look.
            self.wanted.push_back((now, seen.workers));
        }
        self.wanted.push_back((now, wanted));
        forget(&mut self.wanted, now, bounds.cooldown);
        forget(&mut self.added, now, HPA_UP_WITHIN);
        if wanted <= seen.workers {
            let stable = self.wanted.iter().map(|(_, wanted)| *wanted).max();
            return stable.unwrap_or(wanted).min(seen.workers);
        }
        let added: usize = self.added.iter().map(|(_, added)| *added).sum();
        let before = seen.workers.saturating_sub(added);
        let allowed = wanted.min((before + HPA_UP_PODS).max(2 * before));
        let allowed = allowed.max(seen.workers);
        self.added.push_back((now, allowed - seen.workers));
        allowed
    }
}

/// Forgets what is as old as `within` or older.
fn forget(noted: &mut VecDeque<(Duration, usize)>, now: Duration, within: Duration) {
    while noted
        .front()
        .is_some_and(|(at, _)| now.saturating_sub(*at) >= within && *at < now)
    {
        noted.pop_front();
    }
}

/// KEDA looks at an idle deployment so often (`pollingInterval`) and takes the last worker away when there was
/// nothing to do for so long (`cooldownPeriod`), or, if it has never seen anything to do, at once: KEDA 2.21
/// documentation, `ScaledObject` specification; kedacore/keda, `scale_scaledobjects.go`, `scaleToZeroOrIdle`.
const KEDA_POLL: Duration = Duration::from_secs(30);
const KEDA_COOLDOWN: Duration = Duration::from_mins(5);

/// Between none and one worker KEDA decides, from one upwards the autoscaler that it makes, whose least is one.
#[derive(Debug, Default)]
struct Keda {
    polled: Option<Duration>,
    active: Option<Duration>,
}

impl Keda {
    fn allows(&mut self, by_hpa: usize, bounds: Bounds, seen: Seen, now: Duration) -> usize {
        let due = self.polled.is_none_or(|polled| now >= polled + KEDA_POLL);
        if due {
            self.polled = Some(now);
        }
        if due && seen.items > 0 {
            self.active = Some(now);
        }
        let cooled_down = self
            .active
            .is_none_or(|active| now.saturating_sub(active) >= KEDA_COOLDOWN);
        match seen.workers {
            0 if due && seen.items > 0 => 1.max(bounds.least),
            0 => bounds.least,
            _ if due && seen.items == 0 && cooled_down => bounds.least,
            _ => by_hpa.max(1),
        }
    }
}
