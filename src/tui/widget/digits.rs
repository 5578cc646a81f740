//! A number of one or two digits, typed where items have numbers: a digit that could begin a larger number waits
//! for the next one, for a moment or until enter.

use crate::tui::effect::Effect;
use std::time::Duration;

/// How long the next digit is waited for.
const WAIT: Duration = Duration::from_millis(700);

#[derive(Debug, Default)]
pub struct Digits {
    typed: usize,
    due: Duration,
}

/// What a digit came to.
#[derive(Debug)]
pub enum Typed {
    Whole(usize),
    /// The number may go on: this brings the tick that ends it, and says what is typed.
    Begun(Vec<Effect>),
}

impl Digits {
    /// Takes a digit, where the largest number is `last`. One that makes no such number begins anew.
    pub fn press(&mut self, digit: u8, last: usize, uptime: Duration) -> Typed {
        let digit = usize::from(digit);
        let longer = self.typed * 10 + digit;
        let number = if longer <= last { longer } else { digit };
        if number == 0 || number * 10 > last {
            self.typed = 0;
            return Typed::Whole(number);
        }
        self.typed = number;
        self.due = uptime + WAIT;
        Typed::Begun(vec![
            Effect::Tick(WAIT),
            Effect::info(format!("{number}… type the next digit, or enter")),
        ])
    }

    /// The number that was waited for long enough.
    pub fn tick(&mut self, uptime: Duration) -> Option<usize> {
        if uptime < self.due {
            return None;
        }
        self.take()
    }

    pub const fn is_begun(&self) -> bool {
        self.typed > 0
    }

    /// The number as far as it is typed.
    pub fn take(&mut self) -> Option<usize> {
        Some(std::mem::take(&mut self.typed)).filter(|typed| *typed > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_waits_only_where_a_longer_number_begins_with_it() {
        let mut digits = Digits::default();
        assert!(matches!(
            digits.press(7, 13, Duration::ZERO),
            Typed::Whole(7)
        ));
        assert!(matches!(
            digits.press(1, 13, Duration::ZERO),
            Typed::Begun(_)
        ));
        assert!(matches!(
            digits.press(2, 13, Duration::ZERO),
            Typed::Whole(12)
        ));
        assert_eq!(digits.take(), None);
        assert!(matches!(
            digits.press(1, 13, Duration::ZERO),
            Typed::Begun(_)
        ));
        assert_eq!(
            digits.tick(Duration::ZERO),
            None,
            "a tick of something else"
        );
        assert_eq!(digits.tick(WAIT), Some(1));
        assert_eq!(digits.tick(WAIT), None);
        assert!(matches!(
            digits.press(1, 13, Duration::ZERO),
            Typed::Begun(_)
        ));
        assert!(matches!(
            digits.press(0, 13, Duration::ZERO),
            Typed::Whole(10)
        ));
        assert!(matches!(
            digits.press(1, 13, Duration::ZERO),
            Typed::Begun(_)
        ));
        assert!(matches!(
            digits.press(9, 13, Duration::ZERO),
            Typed::Whole(9)
        ));
    }

    #[test]
    fn where_all_numbers_have_one_digit_none_waits() {
        let mut digits = Digits::default();
        for digit in 1..=9 {
            let typed = digits.press(digit, 9, Duration::ZERO);
            assert!(matches!(typed, Typed::Whole(n) if n == usize::from(digit)));
        }
    }
}
