//! How many replicas there should be: the rule of the Kubernetes horizontal autoscaler.
//!
//! Sources: Kubernetes documentation, "Horizontal Pod Autoscaling" (algorithm details, scaling policies,
//! default behaviour), and pkg/controller/podautoscaler. To and from zero, which needs a metric that is not measured at
//! replicas: KEP-2021 (HPA, beta in Kubernetes 1.37) and KEDA's "Scaling Deployments" (the step between 0 and 1).

use std::collections::VecDeque;
use std::time::Duration;

/// A ratio this close to 1 changes nothing.
pub const TOLERANCE: f64 = 0.1;
/// Upwards at most this many more, or twice as many, whichever is more, in one period.
const MORE: u32 = 4;
const TIMES: u32 = 2;

/// What the autoscaler sees at one look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen {
    /// A metric of each pod that serves: its sum over the ready ones, and how many are not ready yet.
    /// Those count as nothing when it would scale up, so that what was just started is waited for.
    PerPod { sum: f64, ready: u32, starting: u32 },
    /// One number for all of them, such as requests at the gateway: shared out by the target.
    Total(f64),
}

/// The bounds of the autoscaler.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// What one replica should have.
    pub target: f64,
    pub least: u32,
    pub most: u32,
    /// Downwards it goes to the highest wish of this time.
    pub down_window: Duration,
}

/// What it remembers: its wishes of the down window.
#[derive(Debug, Default)]
pub struct Hpa {
    wishes: VecDeque<(Duration, u32)>,
}

impl Hpa {
    /// How many there should be from now on.
    pub fn replicas(&mut self, current: u32, seen: Seen, bounds: Bounds, now: Duration) -> u32 {
        let wish = wish(current, seen, bounds.target).clamp(bounds.least, bounds.most);
        self.wishes.push_back((now, wish));
        while self
            .wishes
            .front()
            .is_some_and(|(at, _)| *at + bounds.down_window < now)
        {
            self.wishes.pop_front();
        }
        if wish >= current {
            // From none the first step is to one, and its metric says the rest.
            let most = match current {
                0 => 1,
                _ => (current * TIMES).max(current + MORE),
            };
            return wish.min(most);
        }
        let highest = self.wishes.iter().map(|(_, wish)| *wish).max();
        highest.unwrap_or(wish).min(current)
    }
}

/// The ratio rule, before policies and bounds.
fn wish(current: u32, seen: Seen, target: f64) -> u32 {
    let close = |ratio: f64| (ratio - 1.0).abs() <= TOLERANCE;
    match seen {
        Seen::Total(total) => {
            let ratio = total / (target * f64::from(current.max(1)));
            if current > 0 && close(ratio) {
                return current;
            }
            (total / target).ceil() as u32
        }
        Seen::PerPod {
            sum,
            ready,
            starting,
        } => {
            if ready == 0 {
                return current;
            }
            let ratio = sum / f64::from(ready) / target;
            if close(ratio) {
                return current;
            }
            if ratio < 1.0 || starting == 0 {
                return (ratio * f64::from(ready)).ceil() as u32;
            }
            // With the new ones as idle: if that turns the wish round or comes close, nothing is done.
            let all = ready + starting;
            let damped = sum / f64::from(all) / target;
            if damped < 1.0 || close(damped) {
                return current;
            }
            (damped * f64::from(all)).ceil() as u32
        }
    }
}
