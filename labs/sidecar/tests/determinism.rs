use crate::trial::is_the_same_again;

is_the_same_again!(
    super::plan,
    30,
    "proxy=mtls reload=watch sidecar_cpu_limit=300 volume_mb=1 rotate_mb=1 on_full=drop_old \
     1s:heavy=shipper 2s:crash=proxy 3s:sink_down 5s:crash=shipper 7s:sink_up \
     9s:config_change 10s:restart=app 14s:upgrade=shipper 16s:bad_config 17s:terminate"
);
