//! Parts of a reply, and what is made of one.

use proptest::prelude::*;
use proptest::sample::Index;

use super::hostile;
use super::read::{envelope, ktp, verification};
use super::scalars::{calendar_date, credentials, get_result, reading, timestamp};
use crate::domain::{Birth, Check, Consistency, IdvResult, Picture, Printed};
use crate::suites::parser::Ask;
use crate::wipe::Wiped;
use crate::wire::{DecodeError, ParseError, RawJson, Signature};

/// All that the checks of picture and card may find.
pub fn idv_result() -> impl Strategy<Value = IdvResult> {
    verification().prop_filter_map("with checks", |result| result.idv_result().cloned())
}

/// Any field of a card.
pub fn printed() -> impl Strategy<Value = Printed> {
    (ktp(), any::<Index>()).prop_map(|(card, index)| index.get(&card.fields()).1.clone())
}

/// Any place and day of birth.
pub fn birth() -> impl Strategy<Value = Birth<'static>> {
    let place = prop::sample::select(vec!["SEMARANG", "A, B", "KEPULAUAN SERIBU"]);
    (reading(place), reading(calendar_date())).prop_map(|(place, date)| Birth { place, date })
}

/// What any two fields of a card say of one another.
pub fn check() -> impl Strategy<Value = Check> {
    (consistency(), any::<Index>()).prop_map(|(card, index)| *index.get(card.checks()))
}

/// What the fields of any card say of one another.
pub fn consistency() -> impl Strategy<Value = Consistency> {
    ktp().prop_map(|card| card.consistency())
}

/// Any `extra`.
pub fn raw_json() -> impl Strategy<Value = RawJson> {
    envelope().prop_filter_map("with extra", |envelope| envelope.extra)
}

/// What is said of any reply to get-result that cannot be read.
pub fn parse_error() -> impl Strategy<Value = ParseError> {
    (get_result(), hostile::body(Ask::GetResult)).prop_filter_map("one that cannot be read", |(ask, body)| {
        crate::wire::parse(&ask, &body).err()
    })
}

/// What does not fit in any such reply, and where.
pub fn decode_error() -> impl Strategy<Value = DecodeError> {
    parse_error().prop_map(|error| error.error)
}

/// Any signature.
pub fn signature() -> impl Strategy<Value = Signature> + Clone {
    (credentials(), timestamp()).prop_map(|(keys, time)| crate::wire::sign(&keys, time))
}

/// Any file that begins as a picture does.
pub fn picture() -> impl Strategy<Value = Picture> + Clone {
    let beginning = prop::sample::select(vec![&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff"]);
    (beginning, prop::collection::vec(any::<u8>(), 0..200))
        .prop_filter_map("PNG or JPEG", |(beginning, rest)| {
            Picture::recognise(Wiped::new([beginning, &rest].concat()))
        })
}
