//! What the picture is drawn from.

use super::plan;
use crate::trial::{frame_at, near};
use crate::workbench::frame::Frame;
use crate::workbench::scene::{HOT_MAX, SAMPLES, Scene, ShardsView};
use crate::workbench::session::Session;

fn frame(words: &str, seconds: u64) -> Frame {
    frame_at(&mut Session::start(plan(3, seconds, words)), seconds)
}

fn view(frame: &Frame) -> &ShardsView {
    match &frame.scene {
        Scene::Shards(view) => view,
        other => panic!("the scene is {other:?}"),
    }
}

#[test]
fn a_celebrity_is_the_hottest_key_and_its_shard_the_fullest() {
    let set = "arrival_rps=1000 celebrity_key=77 skew=0";
    let frame = frame(set, 8);
    let view = view(&frame);
    let hottest = &view.hot[0];
    assert_eq!(hottest.number, 77);
    near(hottest.share, 0.4, 0.05);
    assert!(hottest.at.is_none(), "a remainder is no place");
    let fullest = view.shards.iter().max_by(|a, b| a.load.total_cmp(&b.load));
    let fullest = fullest.unwrap();
    assert_eq!(hottest.shards, [fullest.number]);
    assert!(fullest.load > 0.45, "{}", fullest.load);
    for shard in &view.shards {
        let node = &frame.nodes[shard.node as usize];
        assert_eq!(node.name, format!("shard {}", shard.number));
        assert!((0.0..=1.0).contains(&shard.filled) && shard.hits.is_some());
    }
}

#[test]
fn a_cure_moves_the_hot_key_where_it_says() {
    let with = |cure: &str| {
        let set = format!("arrival_rps=1000 celebrity_key=1 skew=0 {cure}");
        view(&frame(&set, 8)).hot[0].shards.clone()
    };
    assert_eq!(with("mitigation=replica_reads").len(), 3);
    assert_eq!(with("mitigation=dedicated"), [0]);
    assert!(with("mitigation=front_cache").is_empty());
}

#[test]
fn a_newcomer_and_what_it_got_are_marked_on_a_ring() {
    let set = "arrival_rps=100 strategy=ring";
    let frame = frame(&format!("{set} 1s:add_shard"), 2);
    let view = view(&frame);
    let joined: Vec<u32> = view
        .shards
        .iter()
        .filter(|shard| shard.joined)
        .map(|shard| shard.number)
        .collect();
    assert_eq!(joined, [6]);
    let moved = view.map.samples.iter().filter(|sample| sample.moved);
    let share = moved.count() as f64 / view.map.samples.len() as f64;
    near(share, view.map.moved.unwrap(), 0.05);
    let owned: f64 = view.shards.iter().map(|shard| shard.owned).sum();
    near(owned, 1.0, 1e-9);
}

#[test]
fn it_is_bounded_with_as_many_shards_and_points_as_there_can_be() {
    let set = "arrival_rps=100 shards=256 strategy=ring vnodes=1000 hot_share=0";
    let frame = frame(set, 6);
    let view = view(&frame);
    assert_eq!(view.shards.len(), 256);
    assert!(view.map.samples.len() <= SAMPLES && view.hot.len() <= HOT_MAX);
}
