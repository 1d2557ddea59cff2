//! What to do about an error, in words that fit what happened.

use super::{Error, ErrorKind, ProtocolFault};
use crate::advice::Advice;
use crate::transport::FailureKind;
use crate::wire::{Code, CodeClass};

impl Error {
    /// The advice in words, more exact where the circumstances are known.
    pub fn hint(&self) -> &'static str {
        self.0.hint.unwrap_or_else(|| self.by_kind())
    }

    fn by_kind(&self) -> &'static str {
        let supported = self.transaction_id().is_some();
        match (self.kind(), self.advice()) {
            (ErrorKind::Invalid, _) => "correct the value and call again; nothing was sent",
            (ErrorKind::MissingData, _) if supported => {
                "if it was asked for a result, the person may not have finished: ask again later; otherwise keep the \
                 transaction id and ask the vendor's support"
            }
            (ErrorKind::MissingData, _) => {
                "if it was asked for a result, the person may not have finished: ask again later; otherwise ask the \
                 vendor's support and tell them when it was, for the reply had no transaction id"
            }
            (ErrorKind::NotAPicture, _) => {
                "ask get-result again for a new link; if that is no picture either, ask the vendor's support"
            }
            (ErrorKind::Transport(kind), advice) => transport(kind, advice),
            (ErrorKind::Protocol(fault), advice) => protocol(fault, advice, supported),
            (ErrorKind::Api(CodeClass::Request), _) if self.code() == Some(&Code::ClientError) => {
                "check the base URL and its path, then the request; it fails the same way if sent again"
            }
            (ErrorKind::Api(CodeClass::Request), _) => {
                "mend the request; it fails the same way if sent again"
            }
            (_, Advice::ContactSupport) if !supported => NO_ID,
            (_, advice) => advice.explanation(),
        }
    }
}

const NO_ID: &str =
    "ask the vendor's support and tell them when it was, for no transaction id came that could be looked up";

const fn transport(kind: FailureKind, advice: Advice) -> &'static str {
    match kind {
        FailureKind::Timeout(_) => {
            "try again later; if it happens often, check the way to the server (from mainland China the vendor advises \
             a VPN)"
        }
        FailureKind::Tls => {
            "check this machine's clock and root certificates, and whether a proxy or another server answers in the \
             vendor's place"
        }
        FailureKind::Proxy => {
            "check the proxy's address and credentials, and whether it lets this host through"
        }
        FailureKind::Refused => "nothing was sent; it is refused the same way if tried again as it is",
        FailureKind::TooLarge => {
            "check the base URL: another server may have answered; what a reply may have at most is in the configuration"
        }
        _ => advice.explanation(),
    }
}

const fn protocol(fault: ProtocolFault, advice: Advice, supported: bool) -> &'static str {
    match fault {
        ProtocolFault::Redirect => "set the base URL to where the vendor's API is; no redirect is followed",
        ProtocolFault::Status(401 | 403 | 407) => {
            "check the base URL and what stands between here and the vendor: a gateway, a proxy or a firewall refuses this"
        }
        ProtocolFault::Status(_) if matches!(advice, Advice::FixRequest) => {
            "check the base URL; it fails the same way if sent again"
        }
        ProtocolFault::Empty if !supported => NO_ID,
        _ => advice.explanation(),
    }
}
