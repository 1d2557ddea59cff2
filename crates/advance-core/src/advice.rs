//! What a caller does about an error.

/// What a caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// Mend the request or the configuration; sending it again as it is fails again.
    FixRequest,
    /// Check the `signatureId`: this host does not know it for this account.
    CheckSignatureId,
    /// Check the access key and secret key, and the machine's clock.
    CheckCredentials,
    /// The account lacks a right, a quota or its enabled state: see the vendor's console, or their support.
    CheckAccount,
    /// The prepaid balance is used up.
    TopUp,
    /// Make another link and send the person there.
    NewLink,
    /// Ask get-result again: it answers with new links to the pictures.
    AskAgain,
    /// Ask get-result once, when the person is back: a further poll may be charged.
    AskWhenBack,
    /// Try again later; nothing is wrong with the request.
    TryLater,
    /// Check the way to the server: address, DNS, proxy, certificates, firewall.
    CheckNetwork,
    /// The reply cannot be understood: keep its transaction id and ask the vendor's support.
    ContactSupport,
}

impl Advice {
    /// The advice in words.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::FixRequest => "mend the request or the base URL; it fails the same way if sent again",
            Self::CheckSignatureId => {
                "check the signatureId: ids of another account or host are unknown here, and how long one lives is \
                 not documented"
            }
            Self::CheckCredentials => {
                "check accessKey and secretKey (Websaas Platform → Account → Account Management) and this machine's clock"
            }
            Self::CheckAccount => {
                "check the account's state, rights and quota (Websaas Platform → Account → Account Management) or ask the vendor's support"
            }
            Self::TopUp => "the prepaid balance is used up; top up the account",
            Self::AskAgain => "ask get-result again for a new link",
            Self::AskWhenBack => "ask get-result once the person is back; each further poll may be charged",
            Self::NewLink => "make another link and send the person there",
            Self::TryLater => "try again later",
            Self::CheckNetwork => {
                "check the address, DNS, proxy, certificates and firewall; from mainland China the vendor advises a VPN"
            }
            Self::ContactSupport => "ask the vendor's support, with the transaction id",
        }
    }
}
