//! What the worker does, on its own thread.

use crate::home;
use crate::tui::effect::{ExerciseAsk, ExerciseRequest};
use crate::tui::event::{ExerciseFolder, ExerciseNews, FolderState, Message, Proxy};
use ddlab_exercises::harness::grade::{self, GradeRequest, new_seed};
use ddlab_exercises::harness::observe::Observer;
use ddlab_exercises::workspace::watch::Watch;
use ddlab_exercises::workspace::{Workspace, WorkspaceError};
use ddlab_text::clean_line;
use futures::future::LocalBoxFuture;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::UnboundedReceiver;

/// The file by which a folder is known to be one of an exercise.
const CONFIG: &str = "ddlab.yaml";

/// A grade that runs, and of which exercise.
struct RunningGrade {
    slug: String,
    grade: LocalBoxFuture<'static, ()>,
}

/// Serves the requests, one grade at a time.
#[derive(Clone)]
pub(super) struct RequestHandler {
    pub workspaces: PathBuf,
    pub proxy: Proxy,
}

impl RequestHandler {
    /// Until nobody can ask any more.
    pub async fn serve(self, mut asked: UnboundedReceiver<ExerciseRequest>) {
        let mut running: Option<RunningGrade> = None;
        loop {
            let done = async {
                match &mut running {
                    Some(running) => running.grade.as_mut().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                request = asked.recv() => match request {
                    Some(request) => self.handle(request, &mut running),
                    // The program ends; dropping the grade ends the learner's processes.
                    None => return,
                },
                () = done => self.end(&mut running),
            }
        }
    }

    fn end(&self, running: &mut Option<RunningGrade>) {
        if let Some(ended) = running.take() {
            drop(ended.grade);
            self.emit(&ended.slug, ExerciseNews::Idle);
        }
    }

    fn handle(&self, request: ExerciseRequest, running: &mut Option<RunningGrade>) {
        let slug = request.slug;
        match request.ask {
            ExerciseAsk::Locate => self.emit(&slug, self.located(&slug)),
            ExerciseAsk::Start { lang } => {
                let started = self.start(&slug, &lang);
                self.emit(&slug, started.unwrap_or_else(trouble));
            }
            ExerciseAsk::Stop => self.end(running),
            ask @ (ExerciseAsk::Grade | ExerciseAsk::Watch | ExerciseAsk::Replay { .. }) => {
                self.end(running);
                let worker = self.clone();
                let of = slug.clone();
                let grade = Box::pin(async move {
                    if let Err(error) = worker.grade(&of, &ask).await {
                        worker.emit(&of, trouble(error));
                    }
                });
                *running = Some(RunningGrade { slug, grade });
            }
            ExerciseAsk::Hint => {
                let hint = self.hint(&slug);
                self.emit(&slug, hint.unwrap_or_else(trouble));
            }
            ExerciseAsk::Diff => {
                let diff = self
                    .open(&slug)
                    .and_then(|workspace| workspace.diff(true))
                    .map(ExerciseNews::Diff);
                self.emit(&slug, diff.unwrap_or_else(trouble));
            }
            ExerciseAsk::Solution { give_up } => {
                let solution = self
                    .open(&slug)
                    .and_then(|workspace| workspace.solution(give_up));
                self.emit(
                    &slug,
                    match solution {
                        Ok(files) => ExerciseNews::Solution(files),
                        Err(WorkspaceError::NotSolved) => ExerciseNews::NotSolved,
                        Err(error) => trouble(error),
                    },
                );
            }
        }
    }

    fn emit(&self, slug: &str, news: ExerciseNews) {
        self.proxy
            .broadcast(Message::Exercise(slug.to_owned(), news));
    }

    /// The folder that one stands in, when it is of this exercise; else the one among the workspaces.
    fn dir(&self, slug: &str) -> PathBuf {
        let here = Workspace::open(Path::new("."));
        match here {
            Ok(workspace) if workspace.config.exercise == slug => workspace.dir,
            _ => self.workspaces.join(slug),
        }
    }

    fn open(&self, slug: &str) -> Result<Workspace, WorkspaceError> {
        Workspace::open(&self.dir(slug))
    }

    fn located(&self, slug: &str) -> ExerciseNews {
        let dir = self.dir(slug);
        let missing = !dir.join(CONFIG).is_file();
        let state = if missing {
            None
        } else {
            match Workspace::open(&dir) {
                Ok(workspace) => Some(FolderState {
                    source: workspace.main_source(),
                    language: workspace.config.language,
                    hints_shown: workspace.state.hints_shown,
                }),
                Err(error) => return trouble(error),
            }
        };
        ExerciseNews::Located(ExerciseFolder {
            shown: clean_line(&home::shortened(&dir)).into_owned(),
            state,
        })
    }

    fn start(&self, slug: &str, lang: &str) -> Result<ExerciseNews, WorkspaceError> {
        let exercise = ddlab_exercises::find(slug)?;
        Workspace::start(exercise, lang, &self.workspaces.join(slug))?;
        Ok(self.located(slug))
    }

    fn hint(&self, slug: &str) -> Result<ExerciseNews, WorkspaceError> {
        let hint = self.open(slug)?.hint()?;
        Ok(match hint {
            Some(hint) => ExerciseNews::Hint {
                number: hint.nr,
                last: hint.last || hint.nr == hint.of,
            },
            None => ExerciseNews::Remark("this exercise has no hints".to_owned()),
        })
    }

    /// Grades once, at every save, or one check with the faults of a grade before.
    async fn grade(&self, slug: &str, ask: &ExerciseAsk) -> Result<(), WorkspaceError> {
        let mut workspace = self.open(slug)?;
        let mut watch = None;
        if *ask == ExerciseAsk::Watch {
            let (begun, notice) = Watch::begin(&workspace.dir);
            if let Some(notice) = notice {
                self.emit(slug, ExerciseNews::Remark(notice));
            }
            watch = Some(begun);
        }
        loop {
            self.once(slug, &workspace, ask).await;
            let Some(watch) = watch.as_mut() else {
                return Ok(());
            };
            workspace = loop {
                let saved = clean_line(&watch.changed().await.display().to_string()).into_owned();
                self.emit(slug, ExerciseNews::Remark(format!("{saved} changed")));
                // How it is built and run may be what was changed, and may be wrong for a moment.
                match self.open(slug) {
                    Ok(workspace) => break workspace,
                    Err(error) => self.emit(slug, trouble(error)),
                }
            };
        }
    }

    async fn once(&self, slug: &str, workspace: &Workspace, ask: &ExerciseAsk) {
        let (only, seed) = match ask {
            ExerciseAsk::Replay { check, seed } => (Some(*check), *seed),
            _ => (None, new_seed()),
        };
        let request = GradeRequest {
            exercise: workspace.exercise,
            dir: workspace.dir.clone(),
            build: workspace.config.build.clone(),
            run: workspace.config.run.clone(),
            start_s: workspace.config.start_s,
            seed,
            only,
        };
        let (observer, mut events) = Observer::channel();
        let forward = async {
            while let Some(event) = events.recv().await {
                self.emit(slug, ExerciseNews::Grading(event));
            }
        };
        let (_, ()) = futures::join!(
            // The observer is moved in, so that the events end with the grade.
            async move { grade::grade(&request, &observer).await },
            forward,
        );
    }
}

#[allow(clippy::needless_pass_by_value)] // It is the `Err` side of results, mapped by name.
fn trouble(error: WorkspaceError) -> ExerciseNews {
    ExerciseNews::Trouble(error.to_string())
}
