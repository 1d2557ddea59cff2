//! What a chain of errors says, taken from types wherever they can be named.

use std::error::Error as StdError;
use std::io;

/// The facts that matter, gathered from every link of the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // Independent observations, not a state.
pub(crate) struct Facts {
    /// reqwest refused to build the request.
    pub(crate) unbuildable: bool,
    pub(crate) timeout: bool,
    pub(crate) tls: bool,
    pub(crate) proxy: bool,
    /// The bytes that came break HTTP's rules.
    pub(crate) malformed: bool,
    /// The connection ended too early.
    pub(crate) lost: bool,
    /// The connection could not be made.
    pub(crate) connect: bool,
    /// What to do about it.
    pub(crate) hint: Option<&'static str>,
}

impl Facts {
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        let mut facts = Self {
            unbuildable: error.is_builder(),
            timeout: error.is_timeout(),
            connect: error.is_connect(),
            ..Self::default()
        };
        facts.walk(error);
        facts
    }

    fn walk(&mut self, error: &(dyn StdError + 'static)) {
        let mut link = Some(error);
        while let Some(error) = link {
            self.look(error);
            // `source` of an io error skips the error that it wraps.
            if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                self.walk(inner);
                return;
            }
            link = error.source();
        }
    }

    fn look(&mut self, error: &(dyn StdError + 'static)) {
        if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
            self.malformed |= hyper.is_parse();
            self.lost |= hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled();
            self.timeout |= hyper.is_timeout();
        } else if let Some(io) = error.downcast_ref::<io::Error>() {
            self.look_io(io);
        } else if is_tls(error) {
            self.tls = true;
            self.hint = remedy(error);
        } else if is_tunnel(error) {
            self.proxy = true;
        }
    }

    fn look_io(&mut self, error: &io::Error) {
        match error.kind() {
            io::ErrorKind::TimedOut => self.timeout = true,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof => self.lost = true,
            // hyper's words for a chunk that is none.
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => self.malformed = true,
            _ => {}
        }
    }
}

#[cfg(feature = "rustls")]
fn remedy(error: &(dyn StdError + 'static)) -> Option<&'static str> {
    error.downcast_ref().and_then(advance_net::tls::remedy)
}

#[cfg(not(feature = "rustls"))]
fn remedy(_: &(dyn StdError + 'static)) -> Option<&'static str> {
    None
}

fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    // What hyper-util says when there is no TLS at all; its type is not exported.
    if error.to_string() == "invalid URL, scheme is not http" {
        return true;
    }
    #[cfg(feature = "rustls")]
    if error.is::<rustls::Error>() {
        return true;
    }
    #[cfg(feature = "native-tls")]
    if error.is::<native_tls::Error>() {
        return true;
    }
    false
}

/// hyper-util does not export the type of the first error, nor reqwest that of the second; their texts have no variable
/// part. Tests against proxies that refuse tell us when they change.
fn is_tunnel(error: &(dyn StdError + 'static)) -> bool {
    let text = error.to_string();
    text.starts_with("tunnel error: ") || text == "error connecting to socks proxy"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(error: &(dyn StdError + 'static)) -> Facts {
        let mut facts = Facts::default();
        facts.walk(error);
        facts
    }

    #[test]
    #[cfg(feature = "rustls")]
    fn a_tls_error_inside_an_io_error_is_found() {
        let error = io::Error::other(rustls::Error::DecryptError);
        assert!(facts(&error).tls);
    }

    #[test]
    fn io_kinds() {
        assert!(facts(&io::Error::from(io::ErrorKind::ConnectionReset)).lost);
        assert!(facts(&io::Error::from(io::ErrorKind::TimedOut)).timeout);
        assert!(facts(&io::Error::from(io::ErrorKind::InvalidInput)).malformed);
        assert_eq!(
            facts(&io::Error::from(io::ErrorKind::ConnectionRefused)),
            Facts::default()
        );
    }
}
