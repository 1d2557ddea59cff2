//! Many requests, several at a time, each told as it ends.

use std::num::NonZeroUsize;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use advance_core::domain::Picture;
use advance_core::url::DownloadPolicy;
use advance_core::{
    AsyncTransport, Client, Error, ImageLink, Response, SignatureId, Transport, Verification,
};
use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::api::{Api, Either};
use crate::stop::Stop;

/// One thing to ask for.
pub(crate) enum Job {
    Result(SignatureId),
    Picture(PictureJob),
}

/// A picture to fetch.
pub(crate) struct PictureJob {
    pub(crate) signature_id: SignatureId,
    /// `image` or `croppedImage`.
    pub(crate) which: &'static str,
    pub(crate) link: ImageLink,
}

/// How it ended.
pub(crate) enum Ended {
    Result(SignatureId, Box<Result<Response<Verification>, Error>>),
    Picture(PictureJob, Result<Picture, Error>),
}

/// Who has jobs to do and hears how they ended.
pub(crate) trait Work {
    /// The next jobs, at most this many. None while some are under way means: none for now.
    fn begin(&mut self, room: usize) -> Result<Vec<Job>, Stop>;

    /// Those that ended since, at least one.
    fn ended(&mut self, ended: Vec<Ended>) -> Result<(), Stop>;
}

/// How many at a time, and how often.
pub(crate) struct Pace {
    pub(crate) concurrency: NonZeroUsize,
    pub(crate) interval: Duration,
    pub(crate) pictures: DownloadPolicy,
}

/// When the next may begin.
struct Starts {
    interval: Duration,
    next: Instant,
}

impl Starts {
    fn new(interval: Duration) -> Self {
        Self {
            interval,
            next: Instant::now(),
        }
    }

    /// How many may begin now, of those for which there is room.
    fn room(&self, free: usize) -> usize {
        match self.interval {
            Duration::ZERO => free,
            _ if Instant::now() < self.next => 0,
            _ => free.min(1),
        }
    }

    fn begun(&mut self, jobs: usize) {
        if jobs > 0 {
            self.next = Instant::now() + self.interval;
        }
    }

    fn left(&self) -> Option<Duration> {
        let left = self.next.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

impl Api {
    /// Works until there is nothing left to begin and nothing under way.
    pub(crate) fn each(&self, pace: &Pace, work: &mut impl Work) -> Result<(), Stop> {
        match &self.client {
            Either::Async(runtime, client) => runtime.block_on(on_one_thread(client, pace, work)),
            Either::Blocking(client) => on_threads(client, pace, work),
        }
    }
}

async fn on_one_thread<T: AsyncTransport>(
    client: &advance_core::AsyncClient<T>,
    pace: &Pace,
    work: &mut impl Work,
) -> Result<(), Stop> {
    let mut running = FuturesUnordered::new();
    let mut starts = Starts::new(pace.interval);
    loop {
        let room = starts.room(pace.concurrency.get() - running.len());
        let jobs = if room > 0 { work.begin(room)? } else { Vec::new() };
        starts.begun(jobs.len());
        let (idle, waits) = (jobs.is_empty(), starts.left());
        running.extend(jobs.into_iter().map(|job| answer(client, &pace.pictures, job)));
        if running.is_empty() && idle && room > 0 {
            return Ok(());
        }
        let stuck = running.is_empty();
        let pause = async {
            match waits {
                Some(left) => tokio::time::sleep(left).await,
                // The moment came while this was looked at.
                None if stuck => {}
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(first) = running.next() => {
                let mut ended = vec![first];
                while let Some(Some(next)) = running.next().now_or_never() {
                    ended.push(next);
                }
                work.ended(ended)?;
            }
            () = pause => {}
        }
    }
}

async fn answer<T: AsyncTransport>(
    client: &advance_core::AsyncClient<T>,
    pictures: &DownloadPolicy,
    job: Job,
) -> Ended {
    match job {
        Job::Result(id) => {
            let result = client.get_result(&id).await;
            Ended::Result(id, Box::new(result))
        }
        Job::Picture(job) => {
            let picture = client.download(&job.link, pictures).await;
            Ended::Picture(job, picture)
        }
    }
}

fn on_threads<T: Transport + Send + Sync>(
    client: &Client<T>,
    pace: &Pace,
    work: &mut impl Work,
) -> Result<(), Stop> {
    let (jobs, taken) = mpsc::channel::<Job>();
    let (done, ended) = mpsc::channel();
    let taken = Arc::new(Mutex::new(taken));
    thread::scope(|scope| {
        for _ in 0..pace.concurrency.get() {
            let (taken, done) = (Arc::clone(&taken), done.clone());
            scope.spawn(move || {
                loop {
                    let job = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(job) = job else { return };
                    let ended = match job {
                        Job::Result(id) => {
                            let result = client.get_result(&id);
                            Ended::Result(id, Box::new(result))
                        }
                        Job::Picture(job) => {
                            let picture = client.download(&job.link, &pace.pictures);
                            Ended::Picture(job, picture)
                        }
                    };
                    if done.send(ended).is_err() {
                        return;
                    }
                }
            });
        }
        // Owned here, so that the threads end when this does.
        let jobs = jobs;
        let mut running = 0;
        let mut starts = Starts::new(pace.interval);
        loop {
            let room = starts.room(pace.concurrency.get() - running);
            let begun = if room > 0 { work.begin(room)? } else { Vec::new() };
            starts.begun(begun.len());
            if begun.is_empty() && running == 0 && room > 0 {
                return Ok(());
            }
            running += begun.len();
            for job in begun {
                // The threads live as long as this loop.
                let _ = jobs.send(job);
            }
            let wait = match starts.left() {
                Some(left) => left,
                // The moment came while this was looked at.
                None if running == 0 => Duration::ZERO,
                None => Duration::from_secs(3600),
            };
            match ended.recv_timeout(wait) {
                Ok(first) => {
                    let mut all = vec![first];
                    all.extend(ended.try_iter());
                    running -= all.len();
                    work.ended(all)?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    })
}
