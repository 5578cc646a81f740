//! What the runs of each program came to, added up: a line each, in the order of the list.

use super::ledger::{Came, Row};
use super::{Runs, name_of};
use ddlab_exercises::trust::Subject;
use ddlab_text::counted;
use std::io::{self, Write};

/// Complaints of one program that are shown in full.
const SHOWN_MAX: usize = 3;

pub(super) struct Table {
    programs: Vec<Program>,
    /// Lines that are printed: those of the first so many programs.
    printed: usize,
}

struct Program {
    name: String,
    /// Runs that are to be done of it here.
    runs: usize,
    rows: Vec<Row>,
}

impl Program {
    fn count(&self, came: Came) -> usize {
        self.rows.iter().filter(|row| row.came == came).count()
    }
}

impl Table {
    pub fn new(subjects: &[Subject], runs: &Runs) -> Self {
        let mut programs: Vec<Program> = subjects
            .iter()
            .map(|subject| Program {
                name: name_of(subject),
                runs: 0,
                rows: Vec::new(),
            })
            .collect();
        for (program, _) in runs.iter() {
            programs[program].runs += 1;
        }
        Self {
            programs,
            printed: 0,
        }
    }

    /// The place of the program of this name in the list.
    pub fn find(&self, name: &str) -> Option<usize> {
        let mut programs = self.programs.iter();
        programs.position(|program| program.name == name)
    }

    /// No further run of this program is to be done here.
    pub fn leave_out(&mut self, program: usize) {
        let program = &mut self.programs[program];
        program.runs = program.rows.len();
    }

    pub fn add(&mut self, program: usize, row: Row) {
        self.programs[program].rows.push(row);
    }

    /// Prints the programs whose runs are all in, up to the first that waits for one.
    ///
    /// # Errors
    /// When the output can't be written.
    pub fn print_complete(&mut self, out: &mut impl Write) -> io::Result<()> {
        while let Some(program) = self.programs.get(self.printed) {
            if program.rows.len() < program.runs {
                break;
            }
            print(out, program)?;
            self.printed += 1;
        }
        out.flush()
    }

    /// Prints what is left, also of programs some of whose runs are not in, and the sum.
    ///
    /// # Errors
    /// When the output can't be written.
    pub fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        for program in &self.programs[self.printed..] {
            print(out, program)?;
        }
        self.printed = self.programs.len();
        let sum =
            |count: &dyn Fn(&Program) -> usize| self.programs.iter().map(count).sum::<usize>();
        writeln!(
            out,
            "{}, {} of {}: {} wrong, {} open",
            counted(
                sum(&|program| usize::from(!program.rows.is_empty())),
                "program"
            ),
            sum(&|program| program.rows.len()),
            counted(sum(&|program| program.runs), "run"),
            sum(&|program| program.count(Came::Wrong)),
            sum(&|program| program.count(Came::Open)),
        )
    }

    /// 1 after a wrong verdict, 3 where one was left open.
    pub fn exit_code(&self) -> u8 {
        let any = |came| self.programs.iter().any(|program| program.count(came) > 0);
        match (any(Came::Wrong), any(Came::Open)) {
            (true, _) => 1,
            (false, true) => 3,
            (false, false) => 0,
        }
    }
}

fn print(out: &mut impl Write, program: &Program) -> io::Result<()> {
    if program.rows.is_empty() {
        return Ok(());
    }
    let took: u64 = program.rows.iter().map(|row| row.took_ms).sum();
    let seconds = took as f64 / 1000.0 / program.rows.len() as f64;
    let open = match program.count(Came::Open) {
        0 => String::new(),
        open => format!(", {open} open"),
    };
    writeln!(
        out,
        "{:<54} {} of {} as expected{open}, {seconds:.1} s a run",
        program.name,
        program.count(Came::AsExpected),
        program.runs,
    )?;
    let complaints = program.rows.iter().filter(|row| !row.complaint.is_empty());
    for row in complaints.take(SHOWN_MAX) {
        writeln!(out, "seed {}: {}\n", row.seed, row.complaint)?;
    }
    Ok(())
}
