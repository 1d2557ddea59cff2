//! A shop that has its customers verified: links, returns, results and pictures over one SQLite file.
//!
//! `README.md` says how to run it against a sandbox. It may be killed at any time.

mod orders;
mod problem;
mod routes;
mod settings;

use std::error::Error;
use std::sync::Arc;

use advance_collector::sink::Folder;
use advance_collector::{AsyncCollector, OnThread, Pace, Pictures, Policy};
use advance_reqwest::ReqwestTransport;
use advance_store_sqlite::SqliteStore;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use orders::Orders;
use routes::Shop;
use settings::Settings;

type Collector = AsyncCollector<ReqwestTransport, OnThread<Arc<SqliteStore>>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_environment()?;
    let listener = TcpListener::bind(&settings.listen).await?;
    let address = listener.local_addr()?;
    let public_url = settings.public_url.unwrap_or_else(|| format!("http://{address}"));

    let client = advance_reqwest::client(settings.config, settings.credentials)?;
    // Outcomes are told in the transaction that books them, since the shop's tables are in the same file.
    let store = Arc::new(SqliteStore::open(&settings.database)?.tell_within(orders::tell));
    let orders = Orders::open(&settings.database, Arc::clone(&store))?;
    let kept = Folder::new(&settings.kept)?;
    let policy = Policy::new()
        .pictures(Pictures::Fetch)
        .download(settings.pictures)
        .call_within(settings.call_within)
        .silent_for(settings.call_within);
    let collector = AsyncCollector::new(client.clone(), OnThread::new(store)?, policy).sink(kept.clone());
    let shop = Arc::new(Shop {
        client,
        collector,
        orders,
        kept,
        public_url,
        staff_token: settings.staff_token,
    });

    let (stop, stopped) = watch::channel(false);
    let collecting = async {
        let end = shop.collector.run(Pace::new(), until(stopped.clone())).await;
        // Without a collector no order gets on: the supervisor is to see that.
        stop.send_replace(true);
        end
    };
    let serving = axum::serve(listener, routes::routes(Arc::clone(&shop)))
        .with_graceful_shutdown(until(stopped.clone()));
    let mut terminated = signal(SignalKind::terminate())?;
    let (stop_by_signal, interrupted) = (stop.clone(), tokio::signal::ctrl_c());
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted => {}
        }
        stop_by_signal.send_replace(true);
    });
    println!("listening on http://{address}");
    let (served, collected) = tokio::join!(serving.into_future(), collecting);
    served?;
    Ok(collected?)
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error says that the sender is gone, which is an end as well.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
