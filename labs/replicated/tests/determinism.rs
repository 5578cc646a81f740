use crate::trial::is_the_same_again;

is_the_same_again!(
    super::plan,
    18,
    "state=in_memory cold_start=exp:2s autoscale=event sync=2s readiness_asks=database \
     probe_every=500ms \
     1s:crowd=3 2s:crash=2 3s:slow=1 4s:rollout 5s:database_down 8s:zone_down 10s:zone_up \
     11s:database_up 12s:policy=two_choices 14s:calm"
);
