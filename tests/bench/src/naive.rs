//! The three calls as somebody writes them by hand, with `http`, serde, sha2 and hex. Nothing is wiped, checked or kept.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::samples;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenBody<'a> {
    access_key: &'a str,
    signature: &'a str,
    timestamp: u64,
    period_second: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UrlBody<'a> {
    return_url: &'a str,
    fail_return_url: &'a str,
    region: &'a str,
    user_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultBody<'a> {
    signature_id: &'a str,
}

fn post(path: &str, token: Option<&str>, body: &impl Serialize) -> http::Request<Vec<u8>> {
    let mut request = http::Request::builder()
        .method("POST")
        .uri(format!("{}{path}", samples::BASE))
        .header("Content-Type", "application/json")
        .header("Accept", "application/json");
    if let Some(token) = token {
        request = request.header("X-ACCESS-TOKEN", token);
    }
    request.body(serde_json::to_vec(body).unwrap()).unwrap()
}

pub fn sign(access_key: &str, secret_key: &str, millis: u64) -> String {
    hex::encode(Sha256::digest(format!("{access_key}{secret_key}{millis}")))
}

pub fn generate_token() -> http::Request<Vec<u8>> {
    let signature = sign(samples::ACCESS_KEY, samples::SECRET_KEY, samples::MILLIS);
    let body = TokenBody {
        access_key: samples::ACCESS_KEY,
        signature: &signature,
        timestamp: samples::MILLIS,
        period_second: 3_600,
    };
    post(samples::TOKEN_PATH, None, &body)
}

pub fn generate_url(token: &str) -> http::Request<Vec<u8>> {
    let body = UrlBody {
        return_url: samples::RETURN_URL,
        fail_return_url: samples::FAIL_URL,
        region: "IDN",
        user_id: samples::USER_ID,
    };
    post(samples::URL_PATH, Some(token), &body)
}

pub fn get_result(token: &str) -> http::Request<Vec<u8>> {
    post(
        samples::RESULT_PATH,
        Some(token),
        &ResultBody {
            signature_id: samples::SIGNATURE_ID,
        },
    )
}

pub fn result_body(signature_id: &str) -> Vec<u8> {
    serde_json::to_vec(&ResultBody { signature_id }).unwrap()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "a reader has what it reads")]
pub struct Envelope<T> {
    code: String,
    message: Option<String>,
    pub data: Option<T>,
    extra: Option<serde_json::Value>,
    transaction_id: Option<String>,
    pricing_strategy: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "a reader has what it reads")]
pub struct Token {
    token: String,
    expired_time: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "a reader has what it reads")]
pub struct Checks {
    is_low_quality: Option<bool>,
    forgery_labels: Option<Vec<String>>,
    quality_labels: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "a reader has what it reads")]
pub struct Card {
    id_number: Option<String>,
    name: Option<String>,
    birth_place_birthday: Option<String>,
    gender: Option<String>,
    blood_type: Option<String>,
    address: Option<String>,
    rtrw: Option<String>,
    village: Option<String>,
    district: Option<String>,
    religion: Option<String>,
    marital_status: Option<String>,
    occupation: Option<String>,
    nationality: Option<String>,
    expiry_date: Option<String>,
    city: Option<String>,
    province: Option<String>,
    place_of_birth: Option<String>,
    birthday: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "a reader has what it reads")]
pub struct Verification {
    image: Option<String>,
    cropped_image: Option<String>,
    image_type: Option<String>,
    idv_code: Option<String>,
    idv_result: Option<Checks>,
    ocr_code: Option<String>,
    ocr_result: Option<Card>,
}

pub fn parse<T: for<'de> Deserialize<'de>>(body: &[u8]) -> Envelope<T> {
    serde_json::from_slice(body).unwrap()
}
