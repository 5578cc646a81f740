use crate::trial::is_the_same_again;

is_the_same_again!(
    super::plan,
    80,
    "auctions=2000 map_tasks=40 speculative=1.5 salting=4 crash_ratio=0.02 checkpoint=task \
     night_every=60s \
     2s:slow=3 3s:crash=1 4s:crash_coordinator 6s:restart_coordinator 9s:crash=2 \
     14s:restart=2 20s:crash=4 38s:rerun"
);
