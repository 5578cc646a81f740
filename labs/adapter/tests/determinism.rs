use crate::trial::is_the_same_again;

is_the_same_again!(
    super::plan,
    30,
    "scrape_every=2s cache=3s label_max=20 \
     3s:explode_labels 5s:rename_field=3 8s:crash=2 12s:counter_reset=1 15s:crash_adapter \
     18s:restart=2 22s:adapter=off 25s:adapter=on"
);
