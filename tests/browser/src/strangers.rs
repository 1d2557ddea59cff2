//! A page of another origin, and a name that was rebound to this machine: neither controls the sandbox.

use serde_json::{Value, json};

use crate::Result;
use crate::driver::{Browser, Driver, Scripts};
use crate::shop::Shop;
use crate::vendor::Vendor;

/// Asks for everything that controls the sandbox and says what could be read: a status, or that nothing could.
const ASK: &str = r"
    const [base, done] = arguments;
    const calls = [
      ['POST', '__sandbox/reset', '{}'], ['POST', '__sandbox/faults', '{\'revokeTokens\':true}'.replaceAll('\'', '\x22')],
      ['GET', '__sandbox/journal'], ['GET', ''], ['GET', '__sandbox/events'],
    ];
    const ask = async ([method, path, body]) => {
      for (const mode of ['cors', 'no-cors']) {
        const headers = mode === 'cors' && body ? { 'content-type': 'application/json' } : {};
        try {
          const reply = await fetch(base + path, { method, body, mode, headers, signal: AbortSignal.timeout(3000) });
          if (reply.type !== 'opaque' && reply.ok) return `${method} /${path}: ${reply.status}`;
        } catch {}
      }
      return null;
    };
    Promise.all(calls.map(ask)).then((read) => done(read.filter(Boolean)), (error) => done([String(error)]));
";

pub(crate) async fn are_refused(driver: &Driver, vendor: &Vendor, shop: &Shop) -> Result<()> {
    let port = vendor.sandbox.addr().port();
    let begun = vendor.begin(&shop.base, None)?;
    let browser = driver.browser("strangers", Scripts::On).await?;
    browser.goto(&format!("{}/evil", shop.base)).await?;
    shop.visit().await?;
    nothing_is_read(&browser, &format!("http://127.0.0.1:{port}/")).await?;
    // By this name the page and the sandbox are one origin to the browser.
    browser
        .goto(&format!("http://rebound.example:{port}/h5-idv/?token=x"))
        .await?;
    browser.wait("h1").await?;
    nothing_is_read(&browser, &format!("http://rebound.example:{port}/")).await?;
    browser.goto(&format!("http://rebound.example:{port}/")).await?;
    let shown = browser.client.source().await?;
    if shown.contains("id=\"requests\"") {
        return Err("the dashboard is shown by a rebound name".into());
    }
    // A reset would have forgotten the verification, and revoked tokens would fail this.
    vendor.result(&begun.id)?;
    browser.close().await
}

async fn nothing_is_read(browser: &Browser, base: &str) -> Result<()> {
    let read = browser.client.execute_async(ASK, vec![json!(base)]).await?;
    if read == Value::Array(Vec::new()) {
        Ok(())
    } else {
        Err(format!("a stranger may: {read}").into())
    }
}
