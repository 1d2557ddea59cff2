//! How a connection is made, and who listens on it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::timeout;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, Socket};

/// Makes connections. The task that drives one ends a while after its client was dropped, at the latest.
pub(crate) struct Connector {
    make: Box<Make>,
}

type Connected = Pin<Box<dyn Future<Output = Result<Client, Error>> + Send>>;
type Make = dyn Fn(Notified, Option<Left>) -> Connected + Send + Sync;

/// Called for each notification. It is dropped when the connection has ended.
type Notified = Box<dyn FnMut() + Send>;

/// Says that the client is gone, and brings the permit that the connection holds until its end.
pub(crate) type Left = oneshot::Receiver<OwnedSemaphorePermit>;

/// How long the server has for what it was asked by a client that is gone; so long it waits for a lock. After that the
/// connection is closed, for it may be one that answers nothing any more.
const AFTERWARDS: Duration = Duration::from_secs(10);

impl Connector {
    pub(crate) fn new<T>(config: Config, tls: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let make = move |notified: Notified, left: Option<Left>| -> Connected {
            let (config, tls) = (config.clone(), tls.clone());
            Box::pin(async move {
                let (client, connection) = config.connect(tls).await?;
                tokio::spawn(until_the_end(drive(connection, notified), left));
                Ok(client)
            })
        };
        Self { make: Box::new(make) }
    }

    /// A connection for transactions.
    pub(crate) async fn connect(&self, left: Left) -> Result<Client, Error> {
        (self.make)(Box::new(|| {}), Some(left)).await
    }

    /// A connection that calls this for each notification.
    pub(crate) async fn listen(&self, notified: impl FnMut() + Send + 'static) -> Result<Client, Error> {
        (self.make)(Box::new(notified), None).await
    }
}

async fn until_the_end(driving: impl Future<Output = ()>, left: Option<Left>) {
    let Some(left) = left else { return driving.await };
    if let Either::Right((permit, driving)) = select(pin!(driving), left).await {
        // It has ended, or is ended here by being dropped: only then is there place for another.
        drop(timeout(AFTERWARDS, driving).await);
        drop(permit);
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
