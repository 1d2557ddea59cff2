//! What a transport must be able to do for a case to apply.

/// What a transport must be able to do for a case to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Nothing beyond plain HTTP/1.1.
    Base,
    /// `https`.
    Tls,
    /// A certificate of its own, shown to a server that asks for one (mTLS).
    Identity,
    /// `https` through a proxy.
    Proxy,
    /// Connections that are used again.
    Pool,
    /// Compressed bodies that are expanded.
    Compression,
}

impl Need {
    /// The word that stands for it in `claims: […]` of [`conformance!`](crate::conformance).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Tls => "tls",
            Self::Identity => "identity",
            Self::Proxy => "proxy",
            Self::Pool => "pool",
            Self::Compression => "compression",
        }
    }
}
