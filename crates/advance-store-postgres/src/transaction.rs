//! A transaction in two round trips: it begins with its first question, and ends with its last changes.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use advance_collector::StoreError;
use futures_util::future::{MaybeDone, join, maybe_done};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::error::failed;
use crate::pool::{Deadline, Lent, Pool};

/// A worker that is stopped in the middle holds its rows and its snapshot no longer than this; all settings end with the
/// transaction, so that a proxy may lend the connection to somebody else.
macro_rules! begin {
    ($level:literal, $synchronous:literal) => {
        concat!(
            "BEGIN ISOLATION LEVEL ",
            $level,
            "; SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL lock_timeout = '10s'; ",
            $synchronous
        )
    };
}

/// What a transaction promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// It survives a crash of the database once it has answered.
    Durable,
    /// A crash may lose it, which does no harm: it is done again.
    Quick,
    /// It changes nothing, and sees one state of the database.
    Reads,
}

impl Promise {
    const fn begin(self) -> &'static str {
        match self {
            // A stronger setting than `on` is left alone.
            Self::Durable => begin!(
                "READ COMMITTED READ WRITE",
                "SELECT set_config('synchronous_commit', 'on', true) \
                 WHERE current_setting('synchronous_commit') IN ('off', 'local')"
            ),
            Self::Quick => begin!("READ COMMITTED READ WRITE", "SET LOCAL synchronous_commit = off"),
            Self::Reads => begin!("REPEATABLE READ READ ONLY", ""),
        }
    }
}

/// A statement and its parameters.
pub(crate) struct Statement {
    text: String,
    parameters: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

impl Statement {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            parameters: Vec::new(),
        }
    }

    fn with(mut self, value: impl ToSql + Sync + Send + 'static, kind: Type) -> Self {
        self.parameters.push((Box::new(value), kind));
        self
    }

    pub(crate) fn text(self, value: impl Into<String>) -> Self {
        self.with(value.into(), Type::TEXT)
    }

    pub(crate) fn optional_text(self, value: Option<String>) -> Self {
        self.with(value, Type::TEXT)
    }

    pub(crate) fn texts(self, values: Vec<String>) -> Self {
        self.with(values, Type::TEXT_ARRAY)
    }

    pub(crate) fn number(self, value: i64) -> Self {
        self.with(value, Type::INT8)
    }

    pub(crate) fn optional_number(self, value: Option<i64>) -> Self {
        self.with(value, Type::INT8)
    }

    pub(crate) fn numbers(self, values: Vec<i64>) -> Self {
        self.with(values, Type::INT8_ARRAY)
    }

    pub(crate) fn optional_numbers(self, values: Vec<Option<i64>>) -> Self {
        self.with(values, Type::INT8_ARRAY)
    }

    pub(crate) fn flag(self, value: bool) -> Self {
        self.with(value, Type::BOOL)
    }

    pub(crate) fn as_text(&self) -> &str {
        &self.text
    }

    pub(crate) fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let borrowed = self.parameters.iter();
        borrowed
            .map(|(value, kind)| (&**value as &(dyn ToSql + Sync), kind.clone()))
            .collect()
    }
}

/// A transaction. One that is dropped before it was committed is rolled back, by closing its connection.
pub(crate) struct Transaction<'a> {
    lent: Lent<'a>,
    promise: Promise,
    begun: bool,
}

impl<'a> Transaction<'a> {
    pub(crate) async fn new(
        pool: &'a Pool,
        promise: Promise,
        deadline: Deadline,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            lent: pool.lend(deadline).await?,
            promise,
            begun: false,
        })
    }

    /// The rows that one question brings.
    pub(crate) async fn one(&mut self, question: Statement) -> Result<Vec<Row>, StoreError> {
        let [rows] = self.all([question]).await?;
        Ok(rows)
    }

    /// The rows of each of these questions, which are sent at once and answered in their order.
    pub(crate) async fn all<const N: usize>(
        &mut self,
        questions: [Statement; N],
    ) -> Result<[Vec<Row>; N], StoreError> {
        let client = &self.lent.client;
        let begins = !self.begun;
        self.begun = true;
        let parameters = questions.each_ref().map(Statement::parameters);
        let asked = questions
            .iter()
            .zip(&parameters)
            .map(|(question, parameters)| client.query_typed(&question.text, parameters));
        let asked = in_order(asked.collect());
        let work = async {
            let answers = if begins {
                let (begun, asked) = join(client.batch_execute(self.promise.begin()), asked).await;
                begun.map_err(failed)?;
                asked
            } else {
                asked.await
            };
            let mut rows = [const { Vec::new() }; N];
            for (rows, answer) in rows.iter_mut().zip(answers) {
                *rows = answer.map_err(failed)?;
            }
            Ok(rows)
        };
        self.lent.in_time(work).await
    }

    /// The rows that one change brings, begun and committed in one round trip, so that it holds its locks for no other.
    pub(crate) async fn only(self, change: Statement) -> Result<Vec<Row>, StoreError> {
        let client = &self.lent.client;
        let parameters = change.parameters();
        let changed = client.query_typed(&change.text, &parameters);
        let work = async {
            let changed = join(changed, client.batch_execute("COMMIT"));
            let (begun, (rows, committed)) = join(client.batch_execute(self.promise.begin()), changed).await;
            begun.map_err(failed)?;
            let rows = rows.map_err(failed)?;
            committed.map_err(failed)?;
            Ok(rows)
        };
        let rows = self.lent.in_time(work).await?;
        drop(parameters);
        self.lent.give_back();
        Ok(rows)
    }

    /// Makes these changes, in their order, and commits: they are sent at once.
    pub(crate) async fn commit(self, changes: Vec<Statement>) -> Result<(), StoreError> {
        let client = &self.lent.client;
        let parameters: Vec<_> = changes.iter().map(Statement::parameters).collect();
        let made = changes
            .iter()
            .zip(&parameters)
            .map(|(change, parameters)| client.execute_typed(&change.text, parameters));
        let made = in_order(made.collect());
        let work = async {
            // If one fails, the server makes a rollback of the commit, and the answer is that one's error.
            let (made, committed) = join(made, client.batch_execute("COMMIT")).await;
            for change in made {
                change.map_err(failed)?;
            }
            committed.map_err(failed)
        };
        self.lent.in_time(work).await?;
        self.lent.give_back();
        Ok(())
    }
}

/// All of these, each begun before those after it.
async fn in_order<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<MaybeDone<F>>>> = futures
        .into_iter()
        .map(|future| Box::pin(maybe_done(future)))
        .collect();
    poll_fn(|context| {
        let mut all = true;
        for future in &mut futures {
            all &= future.as_mut().poll(context).is_ready();
        }
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    futures
        .iter_mut()
        .filter_map(|future| future.as_mut().take_output())
        .collect()
}
