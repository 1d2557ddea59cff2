//! A run of many results, several at a time, until all are there or it makes no sense to go on.

use std::collections::VecDeque;
use std::path::PathBuf;

use advance_core::wire::CodeClass;
use advance_core::{Charges, Error, ErrorKind, Outcome, Response, SignatureId, Verification};

use super::pictures;
use super::progress::Progress;
use super::screen::Screen;
use super::sink::{Answer, Files, Sink};
use super::tally::Tally;
use crate::net::api::Api;
use crate::net::each::{Ended, Job, Pace, PictureJob, Work};
use crate::out::Out;
use crate::problem::Problem;
use crate::stop::Stop;

/// What a run is to do.
pub(crate) struct Order<'a> {
    pub(crate) ids: Vec<SignatureId>,
    pub(crate) output: Option<&'a str>,
    pub(crate) images: Option<PathBuf>,
    pub(crate) reveal: bool,
    /// Whether the process tells the outcome by how it ends.
    pub(crate) exit_status: bool,
}

/// Failures in a row, of the network or of the right to ask, after which the next would fail as well.
const IN_A_ROW: u32 = 20;

struct Run<'a> {
    api: &'a Api,
    queue: VecDeque<SignatureId>,
    pictures: VecDeque<PictureJob>,
    images: Option<PathBuf>,
    sink: Sink<'a>,
    tally: Tally,
    progress: Progress,
    stopped: Option<Problem>,
    last: Option<Problem>,
    unanswered: u64,
    in_a_row: u32,
    before: Charges,
    exit_status: bool,
}

/// Asks for all of them and says what came of it: the tally, and what ended the run before its end.
pub(crate) fn run(api: &Api, order: Order<'_>, pace: &Pace, out: &Out) -> Result<Tally, Stop> {
    let mut run = Run::new(api, order.ids, order.images, order.output, order.reveal, out)?;
    run.exit_status = order.exit_status;
    api.interrupt().gently();
    let done = api.each(pace, &mut run);
    run.progress.end();
    let closed = run.sink.close();
    run.tally.not_asked = run.queue.len() as u64;
    let stopped = run.ends(order.output);
    let tally = run.tally;
    match (done, closed) {
        (Err(stop), _) | (_, Err(stop)) => return Err(with_costs(stop, &tally)),
        _ => {}
    }
    let mut screen = match run.sink {
        Sink::Screen(screen) => screen,
        Sink::Files(_) => Screen::new(out, false, true),
    };
    screen.end(&tally, order.output, stopped.as_ref())?;
    if !out.is_json() && order.output.is_some() {
        out.text(&format!("{}\n", out.sentence(&tally.sentence(), 2)))?;
    }
    match stopped {
        None => Ok(tally),
        Some(problem) if out.is_json() => Err(Stop::Told(problem.exit())),
        // A person has just read what was sent, if there was more than one.
        Some(problem) if tally.ids > 1 => Err(problem.after(0, Charges::NONE).into()),
        Some(problem) => Err(problem.into()),
    }
}

/// A full disk does not undo what was paid.
fn with_costs(stop: Stop, tally: &Tally) -> Stop {
    match stop {
        Stop::Problem(problem) => problem.after(tally.requests, tally.charges).into(),
        other => other,
    }
}

impl<'a> Run<'a> {
    fn new(
        api: &'a Api,
        ids: Vec<SignatureId>,
        images: Option<PathBuf>,
        output: Option<&str>,
        reveal: bool,
        out: &'a Out,
    ) -> Result<Self, Stop> {
        let mut run = Self {
            api,
            pictures: VecDeque::new(),
            images,
            sink: Sink::Screen(Screen::new(out, reveal, ids.len() > 1)),
            tally: Tally {
                ids: ids.len() as u64,
                ..Tally::default()
            },
            progress: Progress::new(0, out),
            stopped: None,
            last: None,
            unanswered: 0,
            in_a_row: 0,
            before: Charges::NONE,
            exit_status: false,
            queue: ids.into(),
        };
        if let Some(output) = output {
            run.resume(Files::open(output)?);
        }
        run.progress = Progress::new(
            if output.is_some() {
                run.queue.len() as u64
            } else {
                0
            },
            out,
        );
        Ok(run)
    }

    /// Leaves out what is there, and counts what was lost.
    fn resume(&mut self, files: Files) {
        self.queue.retain(|id| !files.written.contains(id.as_str()));
        self.tally.already_there = self.tally.ids - self.queue.len() as u64;
        self.before = files.written_cost + files.past.charges;
        self.tally.lost_by_kills = Some(files.past.lost);
        self.tally.charges_of_all_runs = Some(self.before);
        if let Some(folder) = &self.images {
            for (id, which, link) in &files.pictures {
                if !pictures::is_there(folder, &pictures::stem(id, which)) {
                    self.pictures.push_back(PictureJob {
                        signature_id: id.clone(),
                        which,
                        link: link.as_str().into(),
                    });
                }
            }
        }
        self.sink = Sink::Files(Box::new(files));
    }

    /// Why not all of them are there, if so.
    fn ends(&mut self, output: Option<&str>) -> Option<Problem> {
        let (tally, left) = (&self.tally, self.tally.not_asked);
        let again = match output {
            Some(_) => "run the same command again: it goes on where this one ended",
            None => "with --output, the same command would go on where this one ended",
        };
        let after = |problem: Problem| problem.after(tally.requests, tally.charges);
        if self.api.interrupt().asked() && left > 0 {
            let message = format!("interrupted: {} of {} done", tally.ids - left, tally.ids);
            return Some(after(Problem::interrupted(message).hint(again)));
        }
        if let Some(problem) = self.last.take().filter(|_| tally.ids == 1) {
            return Some(problem);
        }
        if let Some(problem) = self.stopped.take() {
            let done = tally.ids - left;
            return Some(problem.instead(format!(
                "stopped after {done} of {}: {}",
                tally.ids,
                problem.message()
            )));
        }
        if tally.failed > 0 || tally.pictures_failed > 0 || tally.not_finished > 0 {
            let what = if tally.failed > 0 {
                format!("{} of {} results could not be had", tally.failed, tally.ids)
            } else if tally.not_finished > 0 {
                format!(
                    "{} of {} persons have not finished",
                    tally.not_finished, tally.ids
                )
            } else {
                format!("{} pictures could not be fetched", tally.pictures_failed)
            };
            let none = tally.failed > 0 && tally.failed == self.unanswered;
            let late = tally.failed + tally.pictures_failed == 0;
            let problem = after(if late && self.exit_status {
                Problem::not_finished().instead(what).ending(tally.exit())
            } else if late {
                Problem::not_finished().instead(what)
            } else {
                Problem::batch(what, none)
            });
            return Some(match &self.sink {
                Sink::Files(files) => problem.hint(format!(
                    "{} says why, and can be the --input of another run",
                    files.places.failures.display()
                )),
                Sink::Screen(_) => problem,
            });
        }
        None
    }

    fn answer<'b>(
        &mut self,
        id: &'b SignatureId,
        result: &'b Result<Response<Verification>, Error>,
    ) -> Answer<'b> {
        let (requests, charges) = match result {
            Ok(response) => (response.sends(), response.charges()),
            Err(error) => (error.sends(), error.charges()),
        };
        self.tally.requests += u64::from(requests);
        self.tally.charges += charges;
        self.tally.charges_of_all_runs = self.tally.charges_of_all_runs.map(|all| all + charges);
        match result {
            Ok(response) => {
                self.in_a_row = 0;
                let outcome = response.data().verdict().outcome;
                if outcome == Outcome::NotFinished && matches!(self.sink, Sink::Files(_)) {
                    // No result yet: it is to be asked for again.
                    self.tally.not_finished += 1;
                    return Answer::Failure(
                        id,
                        Box::new(Problem::not_finished().after(requests.into(), charges)),
                        charges,
                    );
                }
                self.tally.outcome(outcome);
                self.tally.fetched += 1;
                self.find_pictures(id, response.data());
                Answer::Result(id, response)
            }
            Err(error) => {
                self.tally.failed += 1;
                let problem = self.api.problem(error.clone());
                self.judge(error.kind(), &problem);
                Answer::Failure(id, Box::new(problem), charges)
            }
        }
    }

    /// Whether the next one would fail like this as well.
    fn judge(&mut self, kind: ErrorKind, problem: &Problem) {
        let hopeless = match kind {
            ErrorKind::Api(CodeClass::Balance | CodeClass::Account | CodeClass::Credentials) => true,
            // One node of many may say so, and a cable may be pulled and put back.
            ErrorKind::Transport(_) | ErrorKind::Api(CodeClass::Auth) => {
                self.in_a_row += 1;
                self.in_a_row >= IN_A_ROW
            }
            _ => {
                self.in_a_row = 0;
                false
            }
        };
        self.unanswered += u64::from(matches!(kind, ErrorKind::Transport(_)));
        if hopeless && self.stopped.is_none() {
            self.stopped = Some(problem.clone());
        }
        self.last = Some(problem.clone());
    }

    fn find_pictures(&mut self, id: &SignatureId, verification: &Verification) {
        if self.images.is_none() {
            return;
        }
        let links = [verification.image(), verification.cropped_image()];
        for (which, link) in pictures::BOTH.into_iter().zip(links) {
            if let Some(link) = link {
                let job = PictureJob {
                    signature_id: id.clone(),
                    which,
                    link: link.clone(),
                };
                self.pictures.push_back(job);
            }
        }
    }

    fn picture(
        &mut self,
        job: &PictureJob,
        picture: Result<advance_core::domain::Picture, Error>,
    ) -> Result<(), Stop> {
        let Some(folder) = &self.images else {
            return Ok(());
        };
        match picture {
            Ok(picture) => {
                pictures::save(folder, &pictures::stem(&job.signature_id, job.which), &picture)?;
                self.tally.pictures += 1;
            }
            Err(_) => self.tally.pictures_failed += 1,
        }
        Ok(())
    }
}

impl Work for Run<'_> {
    fn begin(&mut self, room: usize) -> Result<Vec<Job>, Stop> {
        if self.api.interrupt().asked() {
            return Ok(Vec::new());
        }
        let mut jobs = Vec::new();
        while jobs.len() < room
            && let Some(job) = self.pictures.pop_front()
        {
            jobs.push(Job::Picture(job));
        }
        let mut ids = Vec::new();
        while self.stopped.is_none()
            && jobs.len() + ids.len() < room
            && let Some(id) = self.queue.pop_front()
        {
            ids.push(id);
        }
        self.sink.asked(&ids.iter().collect::<Vec<_>>())?;
        jobs.extend(ids.into_iter().map(Job::Result));
        Ok(jobs)
    }

    fn ended(&mut self, ended: Vec<Ended>) -> Result<(), Stop> {
        let (mut results, mut pictures) = (Vec::new(), Vec::new());
        for one in ended {
            match one {
                Ended::Result(id, result) => results.push((id, result)),
                Ended::Picture(job, picture) => pictures.push((job, picture)),
            }
        }
        let mut answers = Vec::new();
        for (id, result) in &results {
            answers.push(self.answer(id, result));
        }
        self.sink.answers(&answers)?;
        for (job, picture) in pictures {
            self.picture(&job, picture)?;
        }
        self.progress.tell(self.tally.done(), &self.tally);
        Ok(())
    }
}
