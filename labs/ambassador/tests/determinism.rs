use crate::trial::is_the_same_again;

is_the_same_again!(
    super::plan,
    15,
    "breaker=on breaker_open_for=1s backoff=full_jitter layers=2 retry_budget=0.2 \
     arrival_rps=400 hedge_after=20ms canaries=2 canary_slowness=2 \
     1s:fail=1:0.7 2s:crash=2 3s:slow=3 4s:crash_ambassador 6s:revoke_credentials \
     7s:rotate_credentials 8s:restart=2 9s:stall=1 11s:burst=200 12s:mock 13s:rollback"
);
