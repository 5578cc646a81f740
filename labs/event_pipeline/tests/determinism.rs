use crate::trial::is_the_same_again;

is_the_same_again!(
    super::plan,
    15,
    "checkpoint_every=1s join_within=3s windows=sliding window=4s slide=2s fraud_waits=on \
     1s:slow=enrich 3s:add_worker=enrich 4s:burst=2000 5s:late_storm 6s:slow=enrich \
     7s:crash=aggregate 9s:restart=aggregate 10s:silence=2 11s:replay=4 12s:overflow=drop_old"
);
