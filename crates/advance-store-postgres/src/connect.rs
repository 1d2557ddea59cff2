//! How a connection is made, and who listens on it.

use std::future::{Future, poll_fn};
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, Socket};

/// Makes connections. The task that drives one ends when its client is dropped.
pub(crate) struct Connector {
    make: Box<Make>,
}

type Connected = Pin<Box<dyn Future<Output = Result<Client, Error>> + Send>>;
type Make = dyn Fn(Notified) -> Connected + Send + Sync;

/// Called for each notification. It is dropped when the connection has ended.
type Notified = Box<dyn FnMut() + Send>;

impl Connector {
    pub(crate) fn new<T>(config: Config, tls: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let make = move |notified: Notified| -> Connected {
            let (config, tls) = (config.clone(), tls.clone());
            Box::pin(async move {
                let (client, connection) = config.connect(tls).await?;
                tokio::spawn(drive(connection, notified));
                Ok(client)
            })
        };
        Self { make: Box::new(make) }
    }

    pub(crate) async fn connect(&self) -> Result<Client, Error> {
        (self.make)(Box::new(|| {})).await
    }

    /// A connection that calls this for each notification.
    pub(crate) async fn listen(&self, notified: impl FnMut() + Send + 'static) -> Result<Client, Error> {
        (self.make)(Box::new(notified)).await
    }
}

async fn drive<S, T>(mut connection: Connection<S, T>, mut notified: Notified)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    // An error is the client's to report: each of its requests fails.
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if matches!(message, AsyncMessage::Notification(_)) {
            notified();
        }
    }
}
