//! The dashboard, with something to show and something to do.

use fantoccini::Locator;

use crate::Result;
use crate::driver::{Browser, Driver, Scripts, View};
use crate::gallery::Gallery;
use crate::shop::Shop;
use crate::vendor::Vendor;

pub(crate) async fn look(driver: &Driver, shop: &Shop, gallery: &mut Gallery) -> Result<()> {
    let vendor = Vendor::start().await?;
    let browser = driver.browser("dashboard", Scripts::On).await?;
    browser.look(View::Desktop, "light").await?;
    browser.goto(&format!("{}/", vendor.sandbox.base_url())).await?;
    browser.wait(".live.on").await?;
    gallery.look(&browser, "8-dashboard-new").await?;

    let begun = vendor.begin(
        &shop.base,
        Some("a customer with a rather long number 8e44f0089b076e18a718eb9ca3d94674"),
    )?;
    for user in ["sbx-ok", "sbx-forged", "sbx-pending-3"] {
        let other = vendor.begin(&shop.base, Some(user))?;
        vendor.result(&other.id)?;
    }
    let waiting = vendor.begin(&shop.base, Some("<script>alert(1)</script>"))?;
    let _ = vendor.result("0000000000000000");
    // What was asked in the process is no request of the server; the dashboard hears of it when it looks again.
    browser
        .goto(&format!("{}/__sandbox/dashboard/", vendor.sandbox.base_url()))
        .await?;
    browser.wait("#verifications-list li:nth-child(5)").await?;
    browser.click("#requests-list li details summary").await?;
    browser.wait("#requests-list .bodies button").await?;
    gallery.look(&browser, "8-dashboard").await?;
    bodies(&browser).await?;
    searches(&browser).await?;
    finishes(&browser, &vendor, &waiting.id).await?;
    plans_a_fault(&browser, &vendor, &begun.id, gallery).await?;
    moves_the_clock(&browser, &vendor).await?;
    hears(&browser).await?;
    browser.close().await
}

/// What is secret is shown on one click, and not before.
async fn bodies(browser: &Browser) -> Result<()> {
    browser.run("document.querySelector('#search').value = 'generate-token'; document.querySelector('#search').dispatchEvent(new Event('input'));").await?;
    browser
        .click("#requests-list li:last-child details summary")
        .await?;
    browser.wait("#requests-list li:last-child .bodies pre").await?;
    let text = browser.text("#requests-list li:last-child .bodies").await?;
    if text.contains("eyJ") || text.contains("sampleaccesskey") || !text.contains("•••") {
        return Err(format!("the dashboard shows unasked: {text}").into());
    }
    browser
        .click("#requests-list li:last-child .bodies button")
        .await?;
    let shown = async || -> Result<bool> {
        Ok(browser
            .text("#requests-list li:last-child .bodies")
            .await?
            .contains("eyJ"))
    };
    until("a click shows the bodies", shown).await
}

async fn searches(browser: &Browser) -> Result<()> {
    browser.run("document.querySelector('#search').value = ''; document.querySelector('#search').dispatchEvent(new Event('input'));").await?;
    browser.choose("#kind", "failed").await?;
    let rows = browser
        .client
        .find_all(Locator::Css("#requests-list > li"))
        .await?
        .len();
    if rows != 1 {
        return Err(format!("{rows} failures are shown, and one was made").into());
    }
    browser.choose("#kind", "").await
}

async fn finishes(browser: &Browser, vendor: &Vendor, id: &str) -> Result<()> {
    let card = format!("#verifications-list li:has(a[href$=\"{id}\"])");
    browser
        .choose(&format!("{card} select"), "too-small-card")
        .await?;
    browser.click(&format!("{card} button")).await?;
    let told = async || Ok(vendor.result(id)?["idvCode"] == "TOO_SMALL_CARD");
    until("Finish ends a verification", told).await
}

async fn plans_a_fault(browser: &Browser, vendor: &Vendor, id: &str, gallery: &mut Gallery) -> Result<()> {
    browser.choose("#fault-call", "get-result").await?;
    browser.click("#faults-form .primary").await?;
    browser.wait("#faults-list li").await?;
    gallery.look(browser, "8-dashboard-fault").await?;
    match vendor.result(id) {
        Err(error) if error.to_string().contains("SERVICE_BUSY") => Ok(()),
        other => Err(format!("the planned fault did not happen: {other:?}").into()),
    }
}

async fn moves_the_clock(browser: &Browser, vendor: &Vendor) -> Result<()> {
    let before = vendor.clock();
    browser.click("[data-advance=\"90000000\"]").await?;
    until("the clock is put forward", async || {
        Ok(vendor.clock() >= before + 90_000_000)
    })
    .await?;
    browser.click("#real").await?;
    until("the clock is put back", async || {
        Ok(vendor.clock() < before + 90_000_000)
    })
    .await
}

/// A request that comes over the socket appears by itself.
async fn hears(browser: &Browser) -> Result<()> {
    browser.choose("#kind", "page").await?;
    let script = "fetch('/h5-idv/nothing-of-the-kind'); return true;";
    browser.run(script).await?;
    let seen = async || -> Result<bool> {
        Ok(browser
            .text("#requests-list")
            .await?
            .contains("nothing-of-the-kind"))
    };
    until("a request appears by itself", seen).await
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    for _ in 0..200 {
        if is_so().await? {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Err(format!("in vain: {what}").into())
}
