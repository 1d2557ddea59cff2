//! TLS by a rustls configuration that is there already.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

use super::Made;

pub(crate) struct Rustls(Arc<ClientConfig>);

impl Rustls {
    pub(super) fn new(config: ClientConfig) -> Self {
        Self(Arc::new(config))
    }

    pub(super) fn connect(&self, details: &ConnectionDetails<'_>, made: Made) -> Result<Made, Error> {
        let Some(connection) = made else { return Ok(None) };
        // Under a tunnel through a proxy that itself speaks TLS, the proxy's is not that of the target; ureq says so.
        if !details.needs_tls() || connection.is_tls() {
            return Ok(Some(connection));
        }
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Error::Tls("the host is no name that a certificate can have"))?;
        let session = ClientConnection::new(Arc::clone(&self.0), name)?;
        let mut wire = TransportAdapter::new(connection, Arc::clone(&details.current_time));
        wire.set_timeout(details.timeout);
        let mut stream = StreamOwned::new(session, wire);
        stream.conn.complete_io(&mut stream.sock)?;
        let buffers = LazyBuffers::new(
            details.config.input_buffer_size(),
            details.config.output_buffer_size(),
        );
        Ok(Some(Secured { buffers, stream }.boxed()))
    }
}

impl fmt::Debug for Rustls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rustls").finish_non_exhaustive()
    }
}

struct Secured {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl Transport for Secured {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        self.stream.write_all(output)?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let read = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for Secured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secured").finish_non_exhaustive()
    }
}
