//! What a call brought beside its data.

use advance_core::wire::PricingStrategy;
use advance_core::{Charges, Response, TransactionId};
use serde::Serialize;

use super::{charges, handle};
use crate::text::Rows;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt<'a> {
    transaction_id: Option<&'a TransactionId>,
    pricing_strategy: Option<&'a PricingStrategy>,
    requests: u32,
    charges: Charges,
    #[serde(skip_serializing_if = "Option::is_none")]
    polls: Option<u32>,
}

impl<'a> Receipt<'a> {
    pub(crate) const fn of<T>(response: &'a Response<T>) -> Self {
        Self {
            transaction_id: response.transaction_id(),
            pricing_strategy: response.pricing_strategy(),
            requests: response.sends(),
            charges: response.charges(),
            polls: None,
        }
    }

    /// The same at the end of a wait, of which the response is the last part.
    pub(crate) const fn in_all(self, polls: u32, requests: u32, charges: Charges) -> Self {
        Self {
            requests,
            charges,
            polls: Some(polls),
            ..self
        }
    }

    pub(crate) fn add_to(&self, rows: &mut Rows) {
        rows.add(["transactionId", &handle(self.transaction_id)]);
        rows.add(["sent", &charges::sentence(self.requests.into(), self.charges)]);
    }
}
