//! Actions: named things that one does to a running lab, written `slow=7`.
//!
//! A lab declares its actions with the macro [`actions`](crate::actions): an enum of its own, each variant
//! with what it is aimed at. [`Action`] is the form that scripts and screens know.
//!
//! - [`spec`]: what can be done, a line of a lab's table;
//! - [`argument`]: what an action is aimed at or takes, from its text to what the lab reads;
//! - here: the action itself, and why it cannot be done.

pub mod argument;
pub mod spec;

use super::role::Role;
pub use argument::{Argument, NodeBy, NodeFor, Payload};
use ddlab_text::{given, suggestion};
pub use spec::{ActionSpec, Aim, ArgumentKind, number, on, on_by, on_for, on_or};
use std::fmt;

/// An action of a lab's table with its argument, checked for form.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub name: &'static str,
    pub argument: Argument,
}

/// Why an action cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    #[error("there is no action `{}`; {suggestion}", given(.name))]
    Unknown { name: String, suggestion: String },
    #[error("`{action}` can't take `{}`: {reason}; write {form}", ddlab_text::given(.given))]
    Argument {
        action: &'static str,
        given: String,
        reason: String,
        form: String,
    },
}

impl ActionError {
    pub fn unknown(name: &str, specs: &[ActionSpec]) -> Self {
        let names: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
        Self::Unknown {
            name: name.to_owned(),
            suggestion: suggestion(name, &names),
        }
    }
}

impl Action {
    /// Reads `heal=7`, `burst=500` or `burst`, by the lab's table of actions.
    pub fn parse(text: &str, specs: &[ActionSpec]) -> Result<Self, ActionError> {
        let (name, argument) = match text.split_once('=') {
            Some((name, argument)) => (name.trim(), Some(argument.trim())),
            None => (text.trim(), None),
        };
        Self::from_parts(name, argument, specs)
    }

    /// The same with name and argument apart, as a screen has them.
    pub fn from_parts(
        name: &str,
        argument: Option<&str>,
        specs: &[ActionSpec],
    ) -> Result<Self, ActionError> {
        let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
            return Err(ActionError::unknown(name, specs));
        };
        let argument = Argument::read(spec.argument, spec.target, argument).map_err(|reason| {
            ActionError::Argument {
                action: spec.name,
                given: argument.unwrap_or("nothing").to_owned(),
                reason,
                form: spec.form(),
            }
        })?;
        Ok(Self {
            name: spec.name,
            argument,
        })
    }

    /// Whether it is aimed at one of the nodes that there are, by number.
    pub fn hits(&self, role: &Role, there: &[u32]) -> Result<(), ActionError> {
        match self.argument.node() {
            Some(number) if !there.contains(&number) => {
                let last = there.last().copied().unwrap_or(1);
                let reason = format!("the last {} is {last}", role.word);
                Err(self.refused(&number.to_string(), reason, last))
            }
            _ => Ok(()),
        }
    }

    /// Why the lab can't do it; `instead` is a number that would do.
    pub fn refused(&self, given: &str, reason: String, instead: u32) -> ActionError {
        ActionError::Argument {
            action: self.name,
            given: given.to_owned(),
            reason,
            form: format!("`{}={instead}`", self.name),
        }
    }
}

/// As it is written; parses back to the same.
impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.argument {
            Argument::None => out.write_str(self.name),
            argument => write!(out, "{}={argument}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbench::role::Rank;
    use std::time::Duration;

    fn specs() -> Vec<ActionSpec> {
        let spec = |name, argument| ActionSpec {
            argument,
            ..ActionSpec::new(name, 'x', "")
        };
        vec![
            spec("slow", ArgumentKind::Node),
            spec(
                "burst",
                ArgumentKind::Number {
                    unit: "rps",
                    default: 500,
                    max: 100_000,
                },
            ),
            spec("calm", ArgumentKind::None),
            spec(
                "remove",
                ArgumentKind::NodeOr {
                    words: "the newest",
                },
            ),
            spec("pause", ArgumentKind::NodeFor { default: "26s" }),
            spec("skew", ArgumentKind::NodeBy { default: "2" }),
        ]
    }

    #[test]
    fn actions_read_and_print_as_they_are_written() {
        for text in ["slow=7", "burst=200", "calm", "pause=1:26s", "skew=2:1.5"] {
            assert_eq!(Action::parse(text, &specs()).unwrap().to_string(), text);
        }
        let burst = Action::parse("burst", &specs()).unwrap();
        assert_eq!(burst.argument, Argument::Number(500.0));
    }

    #[test]
    fn a_node_that_may_be_left_out_is_the_labs_to_choose() {
        let parsed = |text| Action::parse(text, &specs()).map(|action| action.argument);
        assert_eq!(parsed("remove"), Ok(Argument::None));
        assert_eq!(parsed("remove=3"), Ok(Argument::Node(3)));
        let refused = parsed("remove=0").unwrap_err().to_string();
        assert!(refused.contains("`remove` or `remove=7`"), "{refused}");
    }

    #[test]
    fn refusals_name_the_nearest_action_or_the_right_form() {
        let refused = |text: &str| Action::parse(text, &specs()).unwrap_err().to_string();
        assert_eq!(
            refused("slw=7"),
            "there is no action `slw`; did you mean `slow`?"
        );
        assert!(refused("slow").contains("`slow=7`"));
        assert!(refused("slow=0").contains("numbered from 1"));
        assert!(refused("calm=3").contains("no argument"));
        for out_of_range in ["lots", "-1", "nan", "inf", "1e308", "100001"] {
            let refused = refused(&["burst=", out_of_range].concat());
            assert!(refused.contains("a number from 0 to 100000"), "{refused}");
        }
        assert!(refused("pause=1:soon").contains("`pause=1:26s`"));
        assert!(refused("pause=x:1s").contains("numbered from 1"));
        assert!(refused("pause=1:1001h").contains("at most 1000h"));
        for out_of_range in ["0", "-2", "nan", "1e308"] {
            let refused = refused(&["skew=1:", out_of_range].concat());
            assert!(refused.contains("from 0.01 to 100"), "{refused}");
        }
    }

    #[test]
    fn a_node_with_a_name_is_called_by_it_or_by_its_number() {
        static PART: Role = Role::new("part", "parts", Rank::Member).named(&["mind", "hand"]);
        let specs = [ActionSpec {
            target: Some(&PART),
            argument: ArgumentKind::Node,
            ..ActionSpec::new("rest", 'x', "")
        }];
        let parsed = |text| Action::parse(text, &specs).map(|action| action.argument);
        assert_eq!(parsed("rest=hand"), Ok(Argument::Node(2)));
        assert_eq!(parsed("rest=2"), Ok(Argument::Node(2)));
        let refused = parsed("rest=foot").unwrap_err().to_string();
        assert!(
            refused.contains("one of mind, hand; write `rest=mind`"),
            "{refused}"
        );
        let action = Action::parse("rest=2", &specs).unwrap();
        assert_eq!(specs[0].in_words(&action), "rest hand");
    }

    #[test]
    fn a_node_alone_takes_the_default_amount() {
        let parsed = |text| Action::parse(text, &specs()).unwrap().argument;
        assert_eq!(
            parsed("pause=3"),
            Argument::NodeFor(3, Duration::from_secs(26))
        );
        assert_eq!(parsed("skew=2"), Argument::NodeBy(2, 2.0));
    }
}
