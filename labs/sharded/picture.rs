//! The picture: proxy, shards and origin, as a screen draws them.

use super::fleet::{DEDICATED, shard_name};
use super::keys::KeyId;
use super::pattern::ShardId;
use super::proxy::Proxy;
use super::table::{ORIGIN, PROXY, SHARD};
use crate::engine::{Server, Sim};
use crate::workbench::drawing::Drawing;
use crate::workbench::frame::{Frame, NodeView};
use crate::workbench::scene::{HOT_MAX, HotKeyView, OwnershipMap, Scene, ShardView, ShardsView};
use ddlab_text::whole_percent;

pub fn fill(proxy: &Proxy, sim: &Sim, frame: &mut Frame) {
    let mut shown = proxy.fleet.members();
    if proxy.dedicated_in_use() {
        shown.push(DEDICATED);
    }
    let map = proxy.survey.map();
    let total: u64 = shown.iter().map(|id| proxy.fleet.shard(*id).load()).sum();
    let mut shards = Vec::with_capacity(shown.len());
    let mut drawing = Drawing::new(sim, frame);
    let badge = match proxy.hot.len() {
        0 => String::new(),
        1 => "1 hot key".to_owned(),
        several => format!("{several} hot keys"),
    };
    let queue = proxy.in_progress() as u32;
    let view = NodeView::new("proxy", &PROXY);
    drawing.node(
        proxy.node,
        NodeView {
            queue,
            badge,
            ..view
        },
    );
    for id in shown {
        let shard = proxy.fleet.shard(id);
        let load = shard.load() as f64 / total.max(1) as f64;
        let view = NodeView {
            badge: Some(load)
                .filter(|_| total > 0)
                .map_or_else(String::new, whole_percent),
            number: Some(id.0),
            ..at_work(&shard.server, NodeView::new(shard_name(id), &SHARD))
        };
        shards.push(ShardView {
            number: id.0,
            node: drawing.node(shard.node, view),
            load,
            owned: owned(&map, id),
            filled: shard.memory.borrow().filled(),
            hits: shard.hit_ratio(),
            joined: proxy.survey.has_joined(id),
        });
        drawing.link(proxy.node, shard.node);
    }
    let origin = at_work(&proxy.origin.server, NodeView::new("origin", &ORIGIN));
    drawing.node(proxy.origin.node, origin);
    drawing.link(proxy.node, proxy.origin.node);
    drawing.flights();
    let hot = hot_keys(proxy);
    frame.scene = Scene::Shards(ShardsView { shards, map, hot });
}

fn at_work(server: &Server, view: NodeView) -> NodeView {
    let work = server.busy() + server.queue_len();
    NodeView {
        load: work as f64 / server.slots().unwrap_or(1).max(1) as f64,
        queue: server.queue_len() as u32,
        ..view
    }
}

/// The share of the samples of the map that a shard owns.
fn owned(map: &OwnershipMap, id: ShardId) -> f64 {
    let samples = map.samples.iter();
    let of_shard = samples.filter(|sample| sample.owner == id.0).count();
    of_shard as f64 / map.samples.len().max(1) as f64
}

fn hot_keys(proxy: &Proxy) -> Vec<HotKeyView> {
    let hottest = proxy.hot.hottest().into_iter().take(HOT_MAX);
    let view = |(key, share): (KeyId, f64)| HotKeyView {
        number: key.number(),
        share,
        at: proxy.survey.place(proxy.keys.get(key), proxy.keys.len()),
        shards: proxy
            .homes(proxy.hot.scheme(key))
            .iter()
            .map(|id| id.0)
            .collect(),
    };
    hottest.map(view).collect()
}
