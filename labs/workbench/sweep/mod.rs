pub mod exact;
pub mod seeds;
pub mod spread;
