//! Predictions: what is asked, what may be answered, and the answer that tempts.

use super::Reader;
use crate::workbench::claim::measure::find;
use crate::workbench::claim::statement::read_value;
use crate::workbench::claim::{Fault, Statement};
use crate::workbench::experiment::form::{OptionForm, PredictForm};
use crate::workbench::experiment::{ChoiceOption, Prediction, PredictionKind, Tempting};
use serde_yaml::Spanned;

impl Reader<'_> {
    pub(super) fn prediction(&self, form: &PredictForm) -> Result<Prediction, Fault> {
        let place = form.id.referenced;
        if self
            .predictions
            .iter()
            .any(|earlier| earlier.id == form.id.value)
        {
            return Err(Fault::new(place, "two predictions have this id"));
        }
        let kind = match (&form.of, &form.options) {
            (Some(of), None) => self.number(of, form)?,
            (None, Some(options)) => self.choice(options, form)?,
            _ => {
                let what = "a prediction has either `of` (a number) or `options` (a choice)";
                return Err(Fault::new(place, what));
            }
        };
        Ok(Prediction {
            id: form.id.value.clone(),
            question: form.question.trim().to_owned(),
            kind,
        })
    }

    fn number(&self, of: &Spanned<String>, form: &PredictForm) -> Result<PredictionKind, Fault> {
        let measure = find(self.measures, of)?.clone();
        let tempting = match &form.tempting {
            None => None,
            Some(tempting) => {
                let place = tempting.referenced;
                let Some(guess) = &tempting.value.guess else {
                    return Err(Fault::new(
                        place,
                        "of a number the tempting one is a `guess`",
                    ));
                };
                let guess = read_value(measure.unit, guess)?;
                let because = tempting.value.because.trim().to_owned();
                Some(Tempting { guess, because })
            }
        };
        Ok(PredictionKind::Number { measure, tempting })
    }

    fn choice(&self, options: &[OptionForm], form: &PredictForm) -> Result<PredictionKind, Fault> {
        let answer = |option: &OptionForm| {
            Ok(ChoiceOption {
                say: option.say.trim().to_owned(),
                when: Statement::read(&option.when, self.measures)?,
            })
        };
        let options = options.iter().map(answer).collect::<Result<Vec<_>, _>>()?;
        if options.len() < 2 {
            return Err(Fault::new(
                form.id.referenced,
                "a choice has at least two options",
            ));
        }
        let tempting = match &form.tempting {
            None => None,
            Some(tempting) => match tempting.value.option {
                Some(number) if (1..=options.len()).contains(&number) => Some(Tempting {
                    guess: number - 1,
                    because: tempting.value.because.trim().to_owned(),
                }),
                _ => {
                    let what = "of a choice the tempting one is an `option`, counted from 1";
                    return Err(Fault::new(tempting.referenced, what));
                }
            },
        };
        Ok(PredictionKind::Choice { options, tempting })
    }
}
