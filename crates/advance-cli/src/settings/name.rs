//! What can be set: its name in the file and its variables in the environment.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    BaseUrl,
    InsecureHost,
    AccessKey,
    AccessKeyFile,
    SecretKey,
    SecretKeyFile,
    Proxy,
    NoProxy,
    CaFile,
}

impl Name {
    /// All, in the order in which `config show` lists them.
    pub(crate) const ALL: [Self; 9] = [
        Self::BaseUrl,
        Self::InsecureHost,
        Self::AccessKey,
        Self::AccessKeyFile,
        Self::SecretKey,
        Self::SecretKeyFile,
        Self::Proxy,
        Self::NoProxy,
        Self::CaFile,
    ];

    /// As the file calls it.
    pub(crate) const fn in_file(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::InsecureHost => "insecure_host",
            Self::AccessKey => "access_key",
            Self::AccessKeyFile => "access_key_file",
            Self::SecretKey => "secret_key",
            Self::SecretKeyFile => "secret_key_file",
            Self::Proxy => "proxy",
            Self::NoProxy => "no_proxy",
            Self::CaFile => "ca_file",
        }
    }

    /// As the environment calls it; the first that is set counts.
    pub(crate) const fn variables(self) -> &'static [&'static str] {
        match self {
            Self::BaseUrl => &["ADVANCE_BASE_URL"],
            Self::InsecureHost => &["ADVANCE_INSECURE_HOST"],
            Self::AccessKey => &["ADVANCE_ACCESS_KEY"],
            Self::AccessKeyFile => &["ADVANCE_ACCESS_KEY_FILE"],
            Self::SecretKey => &["ADVANCE_SECRET_KEY"],
            Self::SecretKeyFile => &["ADVANCE_SECRET_KEY_FILE"],
            Self::Proxy => &[
                "ADVANCE_PROXY",
                "HTTPS_PROXY",
                "https_proxy",
                "ALL_PROXY",
                "all_proxy",
            ],
            Self::NoProxy => &["NO_PROXY", "no_proxy"],
            Self::CaFile => &["ADVANCE_CA_FILE"],
        }
    }

    /// Whether its value is not to be shown.
    pub(crate) const fn is_secret(self) -> bool {
        matches!(self, Self::AccessKey | Self::SecretKey)
    }
}
