//! Every screen of the page, and every drawn outcome.

use advance_sandbox::Outcome;

use crate::Result;
use crate::driver::{Browser, Driver, Scripts};
use crate::gallery::Gallery;
use crate::shop::Shop;
use crate::vendor::Vendor;

pub(crate) async fn look_at_all(
    driver: &Driver,
    vendor: &Vendor,
    shop: &Shop,
    gallery: &mut Gallery,
) -> Result<()> {
    let browser = driver.browser("screens", Scripts::On).await?;
    gallery.check_teeth(&browser).await?;
    flow(&browser, vendor, shop, gallery).await?;
    closed(&browser, vendor, shop, gallery).await?;
    outcomes(&browser, vendor, shop, gallery).await?;
    browser.close().await
}

async fn flow(browser: &Browser, vendor: &Vendor, shop: &Shop, gallery: &mut Gallery) -> Result<()> {
    for language in ["en", "id"] {
        let begun = vendor.begin(&shop.base, None)?;
        let start = format!("{}&lang={language}", begun.url);
        let at = |step: &str| format!("{start}&step={step}");
        browser.goto(&start).await?;
        gallery.look(browser, &format!("1-start-{language}")).await?;
        browser.click(".drawer details details summary").await?;
        gallery
            .look(browser, &format!("1-start-details-{language}"))
            .await?;
        browser.goto(&at("permission")).await?;
        gallery.look(browser, &format!("2-permission-{language}")).await?;
        browser.goto(&at("card")).await?;
        gallery.look(browser, &format!("3-card-{language}")).await?;
        browser.goto(&at("upload")).await?;
        gallery.look(browser, &format!("3-upload-{language}")).await?;
        browser.goto(&at("camera")).await?;
        browser.wait("video:not([hidden])").await?;
        gallery.look(browser, &format!("3-camera-{language}")).await?;
        browser.click("[data-shutter]").await?;
        browser.wait("canvas:not([hidden])").await?;
        gallery
            .look(browser, &format!("4-captured-own-{language}"))
            .await?;
        browser.goto(&at("captured")).await?;
        gallery.look(browser, &format!("4-captured-{language}")).await?;
        otherwise(browser, vendor, shop, gallery, language).await?;
        for (outcome, name) in [("ok", "done"), ("incomplete-card", "failed")] {
            done(
                browser,
                vendor,
                shop,
                gallery,
                outcome,
                &format!("5-{name}-{language}"),
            )
            .await?;
        }
        browser.goto(&at("captured")).await?;
        browser.choose("#checking", "never").await?;
        browser.click("button[value=use]").await?;
        browser.wait(".spinner").await?;
        gallery.look(browser, &format!("5-checking-{language}")).await?;
    }
    Ok(())
}

/// After checking. The page's script would go on after some seconds; it is kept from it.
async fn done(
    browser: &Browser,
    vendor: &Vendor,
    shop: &Shop,
    gallery: &mut Gallery,
    outcome: &str,
    name: &str,
) -> Result<()> {
    let language = name.rsplit('-').next().unwrap_or_default();
    let begun = vendor.begin(&shop.base, None)?;
    let start = format!("{}&lang={language}", begun.url);
    browser
        .goto(&format!("{start}&step=captured&outcome={outcome}&checking=60"))
        .await?;
    browser.choose("#checking", "60").await?;
    browser.click("button[value=use]").await?;
    browser.wait(".spinner").await?;
    vendor
        .sandbox
        .with_vendor(|vendor| vendor.clock_mut().advance(60_000));
    browser.wait("[data-go]").await?;
    browser
        .run("for (let timer = setTimeout(() => {}); timer > 0; timer--) clearTimeout(timer);")
        .await?;
    let looked = gallery.look(browser, name).await;
    vendor.sandbox.with_vendor(|vendor| vendor.clock_mut().reset());
    looked
}

async fn otherwise(
    browser: &Browser,
    vendor: &Vendor,
    shop: &Shop,
    gallery: &mut Gallery,
    language: &str,
) -> Result<()> {
    let begun = vendor.begin(&shop.base, None)?;
    browser
        .goto(&format!("{}&lang={language}&step=captured", begun.url))
        .await?;
    vendor
        .sandbox
        .with_vendor(|vendor| vendor.finish(&begun.id, Outcome::Dim));
    browser.click("button[value=use]").await?;
    browser.wait(".sign.bad").await?;
    gallery.look(browser, &format!("6-otherwise-{language}")).await
}

async fn closed(browser: &Browser, vendor: &Vendor, shop: &Shop, gallery: &mut Gallery) -> Result<()> {
    let base = vendor.sandbox.base_url();
    let expired = vendor.begin(&shop.base, Some("sbx-link-expired"))?;
    for language in ["en", "id"] {
        browser.goto(&format!("{}&lang={language}", expired.url)).await?;
        gallery.look(browser, &format!("6-expired-{language}")).await?;
        for (name, path) in [("unknown", "/h5-idv/?token=x"), ("missing", "/h5-idv/nothing?")] {
            browser.goto(&format!("{base}{path}&lang={language}")).await?;
            gallery.look(browser, &format!("6-{name}-{language}")).await?;
        }
        let used = vendor.begin(&shop.base, None)?;
        vendor
            .sandbox
            .with_vendor(|vendor| vendor.finish(&used.id, Outcome::Ok));
        browser.goto(&format!("{}&lang={language}", used.url)).await?;
        gallery.look(browser, &format!("6-used-{language}")).await?;
    }
    Ok(())
}

async fn outcomes(browser: &Browser, vendor: &Vendor, shop: &Shop, gallery: &mut Gallery) -> Result<()> {
    for outcome in Outcome::ALL {
        let begun = vendor.begin(&shop.base, None)?;
        browser
            .goto(&format!("{}&step=captured&outcome={}", begun.url, outcome.name()))
            .await?;
        gallery
            .look(browser, &format!("7-outcome-{}", outcome.name()))
            .await?;
        vendor
            .sandbox
            .with_vendor(|vendor| vendor.finish(&begun.id, *outcome));
        let data = vendor.result(&begun.id)?;
        for name in ["image", "croppedImage"] {
            if let Some(link) = data[name].as_str() {
                gallery.keep(&format!("9-{name}-{}", outcome.name()), &vendor.picture(link)?)?;
            }
        }
    }
    Ok(())
}
