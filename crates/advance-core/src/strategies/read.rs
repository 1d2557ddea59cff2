//! What comes of reading a reply in the documented format.

use proptest::prelude::*;

use super::documents;
use super::scalars::get_result;
use crate::domain::{Ktp, Reason, Verdict, Verification, VerificationLink};
use crate::suites::parser::{Ask, Data, core};
use crate::wire::{Envelope, IssuedToken};

/// What came in `data`, read from a documented reply.
fn data(ask: Ask) -> impl Strategy<Value = Data> {
    documents::success(ask).prop_filter_map("a documented reply", move |body| core(ask, body.as_bytes()).data)
}

/// Any token as it was issued.
pub fn issued_token() -> impl Strategy<Value = IssuedToken> {
    data(Ask::GenerateToken).prop_filter_map("a token", |data| match data {
        Data::Token(token) => Some(token),
        _ => None,
    })
}

/// Any link to the verification page.
pub fn verification_link() -> impl Strategy<Value = VerificationLink> {
    data(Ask::GenerateUrl).prop_filter_map("a link", |data| match data {
        Data::Link(link) => Some(link),
        _ => None,
    })
}

/// Any result, contradictory ones included.
pub fn verification() -> impl Strategy<Value = Verification> {
    data(Ask::GetResult).prop_filter_map("a result", |data| match data {
        Data::Result(result) => Some(*result),
        _ => None,
    })
}

/// Any card.
pub fn ktp() -> impl Strategy<Value = Ktp> {
    verification().prop_filter_map("with a card", |result| result.ocr_result().cloned())
}

/// Any reply to get-result, failures and replies without data included.
pub fn envelope() -> impl Strategy<Value = Envelope<Verification>> {
    (get_result(), documents::reply(Ask::GetResult)).prop_filter_map("a documented reply", |(ask, body)| {
        crate::wire::parse(&ask, body.as_bytes()).ok()
    })
}

/// Any verdict by the documented rule.
pub fn verdict() -> impl Strategy<Value = Verdict> {
    verification().prop_map(|result| result.verdict())
}

/// Any reason against a pass.
pub fn reason() -> impl Strategy<Value = Reason> {
    (verdict(), any::<prop::sample::Index>()).prop_filter_map("with reasons", |(verdict, index)| {
        let reasons = verdict.reasons;
        (!reasons.is_empty()).then(|| index.get(&reasons).clone())
    })
}
