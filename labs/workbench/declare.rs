//! The macros by which a lab declares its knobs, metrics and actions, each once: what is declared gives
//! both the table that screens and scripts read and the typed form that the lab reads.

/// The knobs of a lab: a struct with a [`Knob`](crate::workbench::knob::Knob) for each. The doc comment of a
/// knob is its help. The enum names what the lab does when a knob is turned; a knob after which something is
/// to be done says so behind an arrow, all others are read where they matter.
///
/// ```ignore
/// knobs! {
///     pub struct Knobs;
///     pub enum Turned { Slots }
///
///     "cluster" {
///         /// leaves that each request asks
///         fan_out: usize = count(20, 1, 2_000).restarts().essential();
///         /// searches that a replica works on at a time
///         slots: Option<usize> = count(8, 1, 1_000).or("inf") => Slots;
///     }
/// }
/// ```
#[macro_export]
macro_rules! knobs {
    (
        $vis:vis struct $Knobs:ident;
        $vis_turned:vis enum $Turned:ident { $( $effect:ident ),* $(,)? }
        $( $group:literal { $(
            $(#[doc = $help:literal])+ $name:ident: $type:ty = $form:expr $( => $turned:ident )?;
        )+ } )+
    ) => {
        /// The knobs of the lab, as it reads them.
        #[derive(Debug)]
        $vis struct $Knobs { $($( pub $name: $crate::workbench::knob::Knob<$type>, )+)+ }

        /// What is to be done when a knob was turned.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis_turned enum $Turned { $( $effect, )* }

        impl $Knobs {
            pub fn specs() -> Vec<$crate::workbench::knob::KnobSpec> {
                vec![$($({
                    let form: $crate::workbench::knob::form::Form<$type> = $form;
                    form.declare(stringify!($name), $group, concat!($($help),+))
                },)+)+]
            }

            pub fn of(settings: &std::rc::Rc<$crate::workbench::knob::Settings>) -> std::rc::Rc<Self> {
                std::rc::Rc::new(Self { $($( $name: settings.knob(stringify!($name)), )+)+ })
            }
        }

        impl $Turned {
            /// None of a knob that is read where it matters.
            pub fn of(knob: $crate::workbench::knob::KnobId) -> Option<Self> {
                const ALL: &[Option<$Turned>] = &[$($( [$( Some($Turned::$turned), )? None][0], )+)+];
                ALL[knob.0]
            }
        }
    };
}

/// Enums whose variants are the words of a knob, in snake case: `WaitAll` is `wait_all`.
#[macro_export]
macro_rules! choices {
    ($(
        $(#[$meta:meta])* $vis:vis enum $Choice:ident { $( $(#[$note:meta])* $variant:ident ),+ $(,)? }
    )+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $Choice { $( $(#[$note])* $variant ),+ }

        $crate::words! { $Choice: $( $variant ),+ }
    )+};
}

/// The same for an enum that there is already: one of the pattern.
#[macro_export]
macro_rules! words {
    ($Choice:ident: $( $variant:ident ),+) => {
        $crate::pastey::paste! {
            impl $crate::workbench::knob::Choice for $Choice {
                const ALL: &'static [Self] = &[$( Self::$variant ),+];
                const WORDS: &'static [&'static str] = &[$( stringify!([<$variant:snake>]) ),+];

                fn word(self) -> &'static str {
                    Self::WORDS[self as usize]
                }
            }

            impl $crate::workbench::knob::Reading for $Choice {
                fn read(value: &$crate::workbench::knob::KnobValue) -> Option<Self> {
                    match value {
                        $crate::workbench::knob::KnobValue::Word(word) => {
                            <Self as $crate::workbench::knob::Choice>::named(word)
                        }
                        _ => None,
                    }
                }

                fn write(
                    &self,
                    _: &$crate::workbench::knob::KnobSpec,
                ) -> $crate::workbench::knob::KnobValue {
                    let word = <Self as $crate::workbench::knob::Choice>::word(*self);
                    $crate::workbench::knob::KnobValue::Word(word.to_owned())
                }
            }
        }
    };
}

/// The actions of a lab: an enum of what can be done, each with its key and what it is aimed at. The doc
/// comment of an action is its help; scripts write its name in snake case.
///
/// ```ignore
/// actions! {
///     pub enum Act {
///         /// the leaf works straggler_factor times as long
///         'S' Slow(u32) = on(&LEAF);
///         /// a shard joins, with an empty cache
///         'A' AddShard;
///     }
/// }
/// ```
#[macro_export]
macro_rules! actions {
    ($vis:vis enum $Act:ident {
        $( $(#[doc = $help:literal])+ $key:literal $variant:ident $( ($type:ty) = $aim:expr )?; )+
    }) => { $crate::pastey::paste! {
        /// What can be done to the running lab.
        #[derive(Debug, Clone, Copy, PartialEq)]
        $vis enum $Act { $( $variant $( ($type) )? ),+ }

        impl $Act {
            pub fn specs() -> Vec<$crate::workbench::action::ActionSpec> {
                vec![$({
                    let spec = $crate::workbench::action::ActionSpec::new(
                        stringify!([<$variant:snake>]), $key, concat!($($help),+));
                    $( let aim: $crate::workbench::action::Aim<$type> = $aim; let spec = spec.aimed(&aim); )?
                    spec
                }),+]
            }

            /// The action, which is one of the lab's table, with its argument.
            pub fn of(action: &$crate::workbench::action::Action) -> Self {
                match action.name {
                    $( stringify!([<$variant:snake>]) => {
                        Self::$variant $( (<$type as $crate::workbench::action::Payload>::of(action)) )?
                    } )+
                    other => panic!("`{other}` is not an action of this lab: who parsed it has another table"),
                }
            }
        }
    } };
}

/// The metrics of a lab: a struct with the meter of each. The doc comment of a metric is its help; one
/// with a chart is drawn on the lab's screen, in that order.
///
/// ```ignore
/// metrics! {
///     pub struct RootMeters {
///         /// from a request's arrival to its answer, of all that were answered
///         latency_ms: Histogram in Milliseconds, chart 1;
///         /// answers of all leaves
///         complete_total: Counter in Count;
///     }
/// }
/// ```
#[macro_export]
macro_rules! metrics {
    ($vis:vis struct $Meters:ident {
        $( $(#[doc = $help:literal])+ $name:ident: $Meter:ident in $unit:ident $(, chart $chart:literal)?; )+
    }) => {
        /// The meters of the lab.
        #[derive(Debug)]
        $vis struct $Meters { $( pub $name: std::rc::Rc<$crate::workbench::meter::$Meter>, )+ }

        impl $Meters {
            pub fn specs() -> Vec<$crate::workbench::meter::MetricSpec> {
                vec![$( $crate::workbench::meter::MetricSpec {
                    name: stringify!($name),
                    help: concat!($($help),+).trim(),
                    kind: <$crate::workbench::meter::$Meter as $crate::workbench::meter::Measure>::KIND,
                    unit: $crate::text::Unit::$unit,
                    chart: 0 $( + $chart )?,
                } ),+]
            }

            pub fn of(meters: &$crate::workbench::meter::Meters) -> std::rc::Rc<Self> {
                std::rc::Rc::new(Self { $( $name: meters.get(stringify!($name)), )+ })
            }
        }
    };
}

/// The invariants of a lab: a struct with each, to be checked wherever it could break. What stands behind the
/// name is what holds, as a sentence.
///
/// ```ignore
/// invariants! {
///     pub struct Invariants {
///         hedges_in_budget: "hedges stay within the budget";
///     }
/// }
/// ```
#[macro_export]
macro_rules! invariants {
    ($vis:vis struct $Invariants:ident { $( $name:ident: $sentence:literal; )+ }) => {
        /// What must hold of the lab at every moment.
        #[derive(Debug)]
        $vis struct $Invariants { $( pub $name: std::rc::Rc<$crate::workbench::invariant::Invariant>, )+ }

        impl $Invariants {
            pub fn specs() -> Vec<&'static str> {
                vec![$( $sentence ),+]
            }

            pub fn of(instruments: &$crate::workbench::instruments::Instruments) -> Self {
                Self { $( $name: instruments.invariant($sentence), )+ }
            }
        }
    };
}

/// What somebody with a real client can ask of a lab: an enum of the requests, with what each carries. The doc
/// comment of a request is its help.
///
/// ```ignore
/// endpoints! {
///     pub enum Asked {
///         /// search all leaves
///         Search(String) = get("/search").query("q", true).example("/search?q=oak+chair");
///     }
/// }
/// ```
#[macro_export]
macro_rules! endpoints {
    ($vis:vis enum $Asked:ident {
        $( $(#[doc = $help:literal])+ $variant:ident $( ($type:ty) )? = $form:expr; )+
    }) => {
        /// What can be asked of the running lab.
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis enum $Asked { $( $variant $( ($type) )? ),+ }

        impl $Asked {
            pub fn specs() -> Vec<$crate::workbench::outside::EndpointSpec> {
                vec![$( $form.declare(stringify!($variant), concat!($($help),+)) ),+]
            }

            /// The request, which is one of the lab's table, with what it carries.
            pub fn of(outside: &$crate::workbench::outside::Outside) -> Self {
                match outside.endpoint.name {
                    $( stringify!($variant) => Self::$variant $( (
                        <$type as $crate::workbench::outside::endpoint::FromRequest>::of(outside)
                    ) )?, )+
                    other => panic!("`{other}` is not a request of this lab: who parsed it has another table"),
                }
            }
        }
    };
}

/// The spec of a lab, `SPEC`: what stands here, and what is declared beside it as `Knobs`, `Act`, `Asked` and
/// `Invariants`. Its experiments and its pattern are files of its folder.
#[macro_export]
macro_rules! lab_spec {
    ( $( $field:ident: $value:expr ),+ $(,)? ) => {
        pub static SPEC: std::sync::LazyLock<$crate::workbench::lab::LabSpec> =
            std::sync::LazyLock::new(|| $crate::workbench::lab::LabSpec {
                $( $field: $value, )+
                knobs: Knobs::specs(),
                actions: Act::specs(),
                endpoints: Asked::specs(),
                invariants: Invariants::specs(),
                experiments: $crate::workbench::spec::packed(module_path!(), "experiments.yaml"),
                source: $crate::workbench::spec::packed(module_path!(), "pattern.rs"),
            });
    };
}
