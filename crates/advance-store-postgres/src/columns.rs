//! Values as Postgres has them.

use std::str::FromStr;

use advance_collector::StoreError;
use advance_core::UnixMillis;
use tokio_postgres::Row;
use tokio_postgres::types::FromSqlOwned;

use crate::error::{damaged, failed};

/// Postgres's integers are signed.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn millis(time: UnixMillis) -> i64 {
    number(time.get())
}

pub(crate) fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Postgres's texts hold no NUL. The vendor's handles have none either; if one has, it is shown by the character for
/// what cannot be shown.
pub(crate) fn text(value: &str) -> String {
    value.replace('\0', "\u{fffd}")
}

/// A row that is read column by column, in the order of its list.
pub(crate) struct Reader<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    fn get<T: FromSqlOwned>(&mut self) -> Result<T, StoreError> {
        let column = self.next;
        self.next += 1;
        self.row.try_get(column).map_err(failed)
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.get()
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        self.get()
    }

    pub(crate) fn word<T: FromStr>(&mut self, column: &'static str) -> Result<T, StoreError> {
        self.text()?.parse().map_err(|_| damaged(column))
    }

    pub(crate) fn optional_word<T: FromStr>(
        &mut self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.optional_text()?;
        text.map(|text| text.parse().map_err(|_| damaged(column)))
            .transpose()
    }

    pub(crate) fn big(&mut self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.get::<i64>()?).unwrap_or(0))
    }

    pub(crate) fn small(&mut self) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.get::<i64>()?).unwrap_or(u32::MAX))
    }

    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        self.get()
    }

    pub(crate) fn time(&mut self) -> Result<UnixMillis, StoreError> {
        Ok(UnixMillis::new(self.big()?))
    }

    pub(crate) fn optional_big(&mut self) -> Result<Option<u64>, StoreError> {
        let value: Option<i64> = self.get()?;
        Ok(value.map(|value| u64::try_from(value).unwrap_or(0)))
    }

    pub(crate) fn optional_time(&mut self) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.optional_big()?.map(UnixMillis::new))
    }
}
