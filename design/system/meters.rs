//! What is measured of each part. The names are those of the part and of the figure: `buyers_latency_ms`.

/// The metrics of a kind of part, each declared once; as `metrics!`, for names that are known only when a design
/// is read.
macro_rules! part_metrics {
    ($vis:vis struct $Meters:ident {
        $( $(#[doc = $help:literal])+ $name:ident: $Meter:ident in $unit:ident $(, chart $chart:literal)?; )+
    }) => {
        #[derive(Debug)]
        $vis struct $Meters { $( pub $name: std::rc::Rc<ddlab_labs::workbench::meter::$Meter>, )+ }

        impl $Meters {
            /// Those of the part of this name; `chart` is the place of its first chart.
            pub fn specs(part: &str, chart: u8) -> Vec<ddlab_labs::workbench::meter::MetricSpec> {
                use ddlab_labs::workbench::meter::{Measure, MetricSpec};
                vec![$( MetricSpec {
                    // The lab of a design lives as long as the program.
                    name: format!("{part}_{}", stringify!($name)).leak(),
                    help: concat!($($help),+).trim(),
                    kind: <ddlab_labs::workbench::meter::$Meter as Measure>::KIND,
                    unit: ddlab_text::Unit::$unit,
                    chart: *[0, $( chart + $chart )?].last().unwrap_or(&0),
                } ),+]
            }

            pub fn of(meters: &ddlab_labs::workbench::meter::Meters, part: &str) -> Self {
                Self { $( $name: meters.get(&format!("{part}_{}", stringify!($name))), )+ }
            }
        }
    };
}
pub(crate) use part_metrics;

part_metrics! {
    pub struct ClientMeters {
        /// from a request to its answer, of those that were answered
        latency_ms: Histogram in Milliseconds, chart 0;
        /// requests that came
        requests_total: Counter in Count;
        /// requests that were answered
        answered_total: Counter in Count;
        /// requests that were not answered, of all that ended
        error_ratio: Ratio in Share, chart 1;
        /// requests that were not answered
        failed_total: Counter in Count;
        /// requests that nobody answered in time
        timeouts_total: Counter in Count;
        /// requests turned away: too many in progress
        shed_total: Counter in Count;
        /// attempts after the first, of all its calls
        retries_total: Counter in Count;
    }
}

part_metrics! {
    pub struct ComponentMeters {
        /// from the arrival of a request at a machine to its answer
        latency_ms: Histogram in Milliseconds;
        /// requests that arrived at its machines
        requests_total: Counter in Count;
        /// requests that were answered
        answered_total: Counter in Count;
        /// requests that were not answered, of all that ended
        error_ratio: Ratio in Share;
        /// requests refused at once: too many waited in line
        shed_total: Counter in Count;
        /// requests that died with their machine
        died_total: Counter in Count;
        /// slots at work, of those of machines that are up
        utilization: Gauge in Share, chart 0;
        /// requests that wait in line
        queue_depth: Gauge in Count;
        /// machines that are up
        machines: Gauge in Count;
        /// answers that nobody waited for any more
        wasted_ratio: Ratio in Share;
        /// attempts after the first, of all its calls
        retries_total: Counter in Count;
    }
}
