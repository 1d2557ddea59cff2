//! What of the sandbox's behaviour is known, and what is a guess: complete for every choice that it makes.

use serde::Serialize;

use super::source::Source::{self, Documented, Guess, Sibling};

/// A behaviour, and where it is known from.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Fidelity {
    /// What the sandbox does.
    pub behaviour: &'static str,
    /// Where that is known from.
    pub source: Source,
}

const fn row(source: Source, behaviour: &'static str) -> Fidelity {
    Fidelity { behaviour, source }
}

/// The table, served at `GET /__sandbox/fidelity`.
pub const TABLE: &[Fidelity] = &[
    row(
        Documented,
        "Three calls by POST with Content-Type application/json; their paths and parameters.",
    ),
    row(
        Documented,
        "The six keys of the envelope; codes and messages as in the document's examples, letter by letter.",
    ),
    row(
        Documented,
        "The signature: lower-case hex SHA-256 of accessKey, secretKey, timestamp.",
    ),
    row(
        Documented,
        "HS512 tokens whose sub has customerId, accountId, realIp; links whose sub has _timestamp and _uuid.",
    ),
    row(
        Documented,
        "Links live 3,600 s, pictures 24 h; access tokens 60 to 86,400 s, 3,600 by default.",
    ),
    row(
        Documented,
        "ocrCode is null unless idvCode is SUCCESS or FORGERY_DETECTED.",
    ),
    row(
        Documented,
        "The page leads to returnUrl, or to failReturnUrl if no OCR result could be had.",
    ),
    row(
        Documented,
        "REGION_WRONG for a region (the example); by option PARAMETER_ERROR (the table).",
    ),
    row(
        Documented,
        "Failures are FREE; get-result is FREE as in the example, by option PAY in two ways or without a price.",
    ),
    row(Sibling, "HTTP status 200 for failures."),
    row(
        Sibling,
        "A timestamp may be 300,000 ms off, either way, and no more.",
    ),
    row(
        Sibling,
        "IAM_FAILED, Token not found or expired, for tokens; a new token leaves the old one alone.",
    ),
    row(
        Sibling,
        "Rules for return addresses: scheme://host, 2,048 characters, no control characters, no javascript, data, file, about, blob, intent.",
    ),
    row(
        Sibling,
        "Retry-After: 10s. SERVICE_BUSY, RETRY_LATER, INSUFFICIENT_BALANCE, OVER_QUERY_LIMIT, ACCESS_DENIED, SERVICE_DISABLED.",
    ),
    row(
        Sibling,
        "ACCOUNT_DISABLED at the door, IAM_FAILED with Account is disabled inside.",
    ),
    row(Sibling, "HTTP 404 and 405 as CLIENT_ERROR."),
    row(
        Sibling,
        "Picture links in the shape of an object store's, with its errors as XML.",
    ),
    row(
        Guess,
        "Before the end get-result says SUCCESS, FREE, every member of data null; by option null data or SIGNATURE_NOT_EXIST.",
    ),
    row(
        Guess,
        "signatureId and errorCode are appended to the return address.",
    ),
    row(
        Guess,
        "errorCode is the ocrCode, or the idvCode if there is none.",
    ),
    row(
        Guess,
        "periodSecond out of range and values of a wrong type: PARAMETER_ERROR, Parameter error,please check you input.",
    ),
    row(
        Guess,
        "periodSecond and timestamp may be numbers or strings; a fraction is refused.",
    ),
    row(Guess, "A timestamp has exactly thirteen digits."),
    row(Guess, "An upper-case signature is refused."),
    row(
        Guess,
        "An unknown access key: IAM_FAILED, Access key not found or expired.",
    ),
    row(
        Guess,
        "The timestamp is judged before the access key, the key before the signature, the signature before a disabled account.",
    ),
    row(
        Guess,
        "A token is no longer good in the very millisecond in which it expires; a picture's link goes by whole seconds.",
    ),
    row(
        Guess,
        "A token is not bound to the address in its realIp, and is good for every call of its account.",
    ),
    row(
        Guess,
        "An access token has _timestamp and _uuid as well, so that two of the same second differ.",
    ),
    row(Guess, "Another account's verification does not exist."),
    row(
        Guess,
        "Parameters are judged in the order of the document; the token before all of them.",
    ),
    row(
        Guess,
        "Missing, null and empty are the same; failReturnUrl is mandatory; userId may be missing and has no limit.",
    ),
    row(
        Guess,
        "One message for both return addresses; plain http is allowed.",
    ),
    row(
        Guess,
        "region is IDN in capitals; idn, ID and all others are refused.",
    ),
    row(Guess, "Unknown members of a request are ignored."),
    row(
        Guess,
        "A body that is no JSON object: CLIENT_ERROR, HTTP 400 - Bad Request. Also for one that breaks off.",
    ),
    row(
        Guess,
        "A body of more than 1 MiB: CLIENT_ERROR, HTTP 413 - Payload Too Large; another media type: HTTP 415 - Unsupported Media Type.",
    ),
    row(Guess, "Content-Type may have parameters and be in any case."),
    row(
        Guess,
        "A signatureId lives as long as the sandbox remembers it, and get-result can be asked again and again.",
    ),
    row(
        Guess,
        "A link is for one verification: once it has ended, the page can only be left. A second ending replaces the first, by control calls alone.",
    ),
    row(
        Guess,
        "A link that expires leads nowhere by itself; its page offers failReturnUrl with errorCode LINK_EXPIRED; the verification stays unfinished.",
    ),
    row(
        Guess,
        "signatureId and transactionId are sixteen hexadecimal digits and differ.",
    ),
    row(
        Guess,
        "imageType is SCAN, unless the scenario is manual, the photo was uploaded at the page, or the page's drawer says otherwise.",
    ),
    row(
        Guess,
        "No cropped image without one card, no idvResult without a card that could be judged; ocrResult of OCR_NO_RESULT is eighteen nulls, of ERROR null.",
    ),
    row(
        Guess,
        "The page gives every outcome to any photo; nothing is checked.",
    ),
    row(
        Guess,
        "expiredTime of generate-url is the end of the link, of generate-token the end of the token.",
    ),
    row(
        Guess,
        "extra is null, except where the sandbox explains a path or method that it does not have.",
    ),
    row(
        Guess,
        "No rate limit and no quota, unless a scenario or a fault asks for one.",
    ),
    row(Guess, "The Date header is the vendor's clock."),
    row(
        Guess,
        "The texts of SERVICE_BUSY, RETRY_LATER and of the IAM_FAILED for a country.",
    ),
    row(Guess, "The page itself: its texts, its steps and its looks."),
];
