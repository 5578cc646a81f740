//! What a lab's own picture shows beyond nodes and links, as data: a screen draws it, a script may read
//! it. Everything here is bounded, however large the system is.

use std::sync::Arc;

/// Which picture a lab has: known before it runs, so that a screen can make room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SceneKind {
    /// Who asks, the many that answer, and messages between them.
    #[default]
    Network,
    /// States over time: `Frame::lanes`.
    Timeline,
    /// The load of each shard, and the map that says who owns what.
    Shards,
    /// A queue as a belt, with workers at its end.
    Belt,
}

/// What the picture of this moment is drawn from, beside the nodes of the frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Scene {
    #[default]
    Network,
    Timeline,
    Shards(ShardsView),
    Belt(BeltView),
}

impl Scene {
    pub const fn kind(&self) -> SceneKind {
        match self {
            Self::Network => SceneKind::Network,
            Self::Timeline => SceneKind::Timeline,
            Self::Shards(_) => SceneKind::Shards,
            Self::Belt(_) => SceneKind::Belt,
        }
    }
}

/// The shards of a service and their map.
#[derive(Debug, Clone, PartialEq)]
pub struct ShardsView {
    /// In the order of the map; one outside of it comes last.
    pub shards: Vec<ShardView>,
    pub map: Arc<OwnershipMap>,
    /// Keys that are hot, the hottest first; at most [`HOT_MAX`].
    pub hot: Vec<HotKeyView>,
}

/// Hot keys of a view, at most.
pub const HOT_MAX: usize = 8;

#[derive(Debug, Clone, PartialEq)]
pub struct ShardView {
    /// Its number for life; 0 for the one that stands outside the map.
    pub number: u32,
    /// Its place in `Frame::nodes`.
    pub node: u32,
    /// Share of the calls to all shards in the recent past.
    pub load: f64,
    /// Share of the samples of the map that it owns.
    pub owned: f64,
    /// Share of its memory in use.
    pub filled: f64,
    /// Share of its reads that found something, in the recent past.
    pub hits: Option<f64>,
    /// It joined at the last resize.
    pub joined: bool,
}

/// Who owns what, as samples taken at even steps through the space of the map; the middle of each step
/// is looked up. Made anew only when the map changes.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnershipMap {
    pub space: Space,
    /// At most [`SAMPLES`].
    pub samples: Vec<Sample>,
    /// Share of all keys that the last resize moved.
    pub moved: Option<f64>,
}

/// Samples of a map.
pub const SAMPLES: usize = 720;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The number of the shard.
    pub owner: u32,
    /// The last resize gave it another owner.
    pub moved: bool,
}

/// What the samples run through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// Hashes from 0 to the greatest, and round again; each shard stands at so many points.
    Ring { points: usize },
    /// Slots of a table.
    Slots { slots: usize },
    /// Places in the order of the keys themselves.
    Places { keys: usize },
    /// Keys, sorted by their owner: a formula puts no owner beside another.
    Keys { keys: usize },
}

#[derive(Debug, Clone, PartialEq)]
pub struct HotKeyView {
    /// From 1, the most popular.
    pub number: u32,
    /// Share of all requests in the recent past.
    pub share: f64,
    /// Where it lies in the space of the map, 0 to 1; none where keys have no place in it.
    pub at: Option<f64>,
    /// The shards that hold it, by number; none when the router keeps it itself.
    pub shards: Vec<u32>,
}

/// A queue and its workers.
#[derive(Debug, Clone, PartialEq)]
pub struct BeltView {
    /// Place of the queue in `Frame::nodes`.
    pub queue: u32,
    /// Items that arrive, a second, as the source is set.
    pub arriving_rps: f64,
    /// Workers that the load would keep busy on average; none where the mean of the service is none.
    pub work_for: Option<f64>,
    /// Items that wait and may be handed out.
    pub waiting: usize,
    /// How often each of the first in line has been handed out before, the next one first; at most
    /// [`FRONT_MAX`].
    pub front: Vec<u32>,
    /// Items that came back and are kept out of sight for a while.
    pub held_back: usize,
    /// Items handed out, which nobody else can see.
    pub in_flight: usize,
    pub oldest_s: f64,
    /// In the order of the worker nodes of the frame.
    pub workers: Vec<WorkerView>,
    pub dead: usize,
    /// Deliveries after which an item is put aside; none: it comes back for ever.
    pub max_receives: Option<u32>,
    pub done: u64,
    pub effects: u64,
    /// Effects beyond the first of an item.
    pub repeated: u64,
    pub lost: u64,
    pub scaler: Option<ScalerView>,
}

/// Items at the front of a view, at most.
pub const FRONT_MAX: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkerView {
    /// Its place in `Frame::nodes`.
    pub node: u32,
    pub number: u32,
    pub standing: WorkerStanding,
    pub task: Option<TaskView>,
    /// Items that wait in its hand behind that one.
    pub in_hand: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerStanding {
    Starting,
    Up,
    Paused,
    /// Finishes what it has, then goes.
    Leaving,
    Down,
}

/// The delivery that a worker works on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaskView {
    pub item: u64,
    /// How often the item has been handed out, this time included.
    pub received: u32,
    /// 0 to 1.
    pub progress: f64,
    /// The queue has stopped waiting for it: another worker has the item, or will.
    pub lease_over: bool,
}

/// What the autoscaler is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScalerView {
    /// Workers that its rule calls for just now; it acts on what it sees when it looks.
    pub wanted: usize,
    pub there: usize,
    pub least: usize,
    pub most: usize,
    pub looks_in_s: f64,
}
