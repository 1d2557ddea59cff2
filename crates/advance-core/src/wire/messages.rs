//! The messages of the vendor's documents.

/// Every message that the vendor's documents show, in small letters and without their last dot and blanks: tables and
/// examples differ in these (Q06, Q07). They are for people; no rule reads them.
const DOCUMENTED: &[&str] = &[
    "ok",
    "parametererror,pleasecheckyouinput",
    "parametershouldnotbeempty",
    "invalidreturnurl,pleasecheckyourreturnurl",
    "regioniswrong",
    "servererror",
    "thissignatureidisnotexist",
    "timestamperror",
    "signatureerror",
    "accountdisabled",
    "accountisdisabled",
    "http400-badrequest",
    "http404-notfound",
    "http405-methodnotallowed",
    "tokennotfoundorexpired",
    "accesskeynotfoundorexpired",
];

/// Whether it is a message of the documents, which holds nothing of anybody's.
pub(crate) fn is_documented(message: &str) -> bool {
    // The longest has 42 characters; what is far longer need not be looked at.
    if message.len() > 80 {
        return false;
    }
    let plain: String = message
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    DOCUMENTED.contains(&plain.strip_suffix('.').unwrap_or(&plain))
}

#[cfg(test)]
mod tests {
    use super::is_documented;

    #[test]
    fn both_spellings_of_the_documents_and_nothing_longer() {
        for message in [
            "OK",
            "Invalid returnUrl, please check your returnUrl",
            "Invalid returnUrl,please check your returnUrl",
            "Parameter error,please check you input.",
            "This signatureId is not exist.",
            "Server error",
            "HTTP 400 - Bad Request",
        ] {
            assert!(is_documented(message), "{message}");
        }
        for message in [
            "",
            ".",
            "Server error of siti",
            "Server errors",
            "Region is wrong: ID",
        ] {
            assert!(!is_documented(message), "{message}");
        }
    }
}
