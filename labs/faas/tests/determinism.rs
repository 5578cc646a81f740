use crate::trial::is_the_same_again;

is_the_same_again!(
    super::plan,
    20,
    "arrival_rps=40 profile=bursty neighbour_rps=20 db_connections=30 error_ratio=0.1 \
     provisioned=2 \
     2s:burst=400 4s:deploy 6s:limit=5 8s:invocation=async 10s:keep_alive_policy=histogram \
     12s:calm 14s:instance_concurrency=4 16s:when_full=wait"
);
