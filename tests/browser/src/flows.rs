//! Going through the page as a person does: every outcome chosen, the shop reached, and get-result agrees.

use advance_sandbox::Outcome;
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::Result;
use crate::driver::{Browser, Driver, Scripts, View};
use crate::shop::Shop;
use crate::vendor::{Begun, Vendor};

/// One way through the page for each detail that can be chosen.
const DETAILS: [(&str, &str); 23] = [
    ("idvCode", "SUCCESS"),
    ("idvCode", "LOW_QUALITY_IMAGE"),
    ("idvCode", "FORGERY_DETECTED"),
    ("idvCode", "CARD_NOT_FOUND"),
    ("idvCode", "TOO_MANY_CARDS"),
    ("idvCode", "NO_SUPPORTED_CARD"),
    ("idvCode", "INCOMPLETED_CARD"),
    ("idvCode", "TOO_SMALL_CARD"),
    ("idvCode", "ERROR"),
    ("ocrCode", "SUCCESS"),
    ("ocrCode", "OCR_NO_RESULT"),
    ("ocrCode", "ERROR"),
    ("imageType", "SCAN"),
    ("imageType", "MANUAL"),
    ("forgery", "retake"),
    ("forgery", "colorPhotocopied"),
    ("forgery", "cutoffCorner"),
    ("forgery", "pastedPhoto"),
    ("forgery", "b&wPhotocopied"),
    ("forgery", "modifiedNIK"),
    ("forgery", "oldKTP"),
    ("quality", "blur"),
    ("quality", "dim"),
];

pub(crate) struct Flows<'a> {
    pub(crate) vendor: &'a Vendor,
    pub(crate) shop: &'a Shop,
}

impl Flows<'_> {
    /// How many ways through the page were gone.
    pub(crate) async fn all(&self, driver: &Driver) -> Result<usize> {
        let mut gone = 0;
        for (name, scripts) in [("with-scripts", Scripts::On), ("without-scripts", Scripts::Off)] {
            let browser = driver.browser(name, scripts).await?;
            browser.look(View::Phone, "light").await?;
            for outcome in Outcome::ALL {
                let went = self.outcome(&browser, *outcome).await;
                went.map_err(|error| format!("{name}, {}: {error}", outcome.name()))?;
                gone += 1;
            }
            for (field, value) in DETAILS {
                let went = self.detail(&browser, field, value).await;
                went.map_err(|error| format!("{name}, {field} {value}: {error}"))?;
                gone += 1;
            }
            self.waits(&browser, scripts).await?;
            self.refuses_another_end(&browser).await?;
            browser.close().await?;
        }
        let browser = driver.browser("keys", Scripts::On).await?;
        self.by_keyboard(&browser).await?;
        self.by_camera(&browser).await?;
        browser.close().await?;
        let browser = driver.browser("no-camera", Scripts::OnWithoutCamera).await?;
        self.without_camera(&browser).await?;
        browser.close().await?;
        Ok(gone + 7)
    }

    async fn open(&self, browser: &Browser) -> Result<Begun> {
        let begun = self.vendor.begin(&self.shop.base, None)?;
        browser.goto(&begun.url).await?;
        browser
            .run("for (const panel of document.querySelectorAll('.drawer details')) panel.open = true;")
            .await?;
        Ok(begun)
    }

    /// From the start by the sandbox's card to the shop.
    async fn walk(&self, browser: &Browser) -> Result<String> {
        browser.click("button[value=permission]").await?;
        browser.wait("button[value=card]").await?;
        browser.click("button[value=card]").await?;
        browser.wait("button[value=captured]").await?;
        browser.click("button[value=captured]").await?;
        browser.wait("button[value=use]").await?;
        browser.click("button[value=use]").await?;
        self.shop.visit().await
    }

    async fn outcome(&self, browser: &Browser, outcome: Outcome) -> Result<()> {
        let begun = self.open(browser).await?;
        browser.choose("#outcome", outcome.name()).await?;
        browser.choose("#checking", "0").await?;
        let visit = self.walk(browser).await?;
        let data = self.vendor.result(&begun.id)?;
        same("get-result", &without_links(&data), &self.expected(outcome)?)?;
        came_back(&begun, &visit, &data)
    }

    /// What get-result says of a verification that was not ended at the page.
    fn expected(&self, outcome: Outcome) -> Result<Value> {
        let other = self.vendor.begin(&self.shop.base, None)?;
        self.vendor
            .sandbox
            .with_vendor(|vendor| vendor.finish(&other.id, outcome));
        Ok(without_links(&self.vendor.result(&other.id)?))
    }

    async fn detail(&self, browser: &Browser, field: &str, value: &str) -> Result<()> {
        let begun = self.open(browser).await?;
        browser.choose("#checking", "0").await?;
        let is_label = field == "forgery" || field == "quality";
        if is_label {
            browser
                .click(&format!("input[name={field}][value=\"{value}\"]"))
                .await?;
        } else {
            browser.choose(&format!("#{field}"), value).await?;
        }
        let typed = browser.client.find(Locator::Css("[name=\"ocr.name\"]")).await?;
        typed.send_keys("D'ARC & <ANAK>").await?;
        let visit = self.walk(browser).await?;
        let data = self.vendor.result(&begun.id)?;
        if is_label {
            let list = if field == "forgery" {
                "forgeryLabels"
            } else {
                "qualityLabels"
            };
            same(list, &data["idvResult"][list], &json!([value]))?;
        } else {
            same(field, &data[field], &json!(value))?;
        }
        if data["ocrCode"] == "SUCCESS" {
            same("name", &data["ocrResult"]["name"], &json!("D'ARC & <ANAK>"))?;
        }
        came_back(&begun, &visit, &data)
    }

    /// The page waits while checking takes its time, says that it is done, and goes back.
    async fn waits(&self, browser: &Browser, scripts: Scripts) -> Result<()> {
        let begun = self.open(browser).await?;
        browser.choose("#checking", "2").await?;
        browser
            .goto(&format!("{}&step=captured&checking=2&outcome=ok", begun.url))
            .await?;
        browser.click("button[value=use]").await?;
        browser.wait(".spinner").await?;
        if scripts == Scripts::Off {
            tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
            browser.click("noscript a").await?;
        }
        browser.wait(".sign.good").await?;
        if scripts == Scripts::Off {
            browser.click("button[value=return]").await?;
        }
        let visit = self.shop.visit().await?;
        came_back(&begun, &visit, &self.vendor.result(&begun.id)?)
    }

    async fn refuses_another_end(&self, browser: &Browser) -> Result<()> {
        let begun = self.vendor.begin(&self.shop.base, None)?;
        browser
            .goto(&format!("{}&step=captured&checking=0&outcome=ok", begun.url))
            .await?;
        self.vendor
            .sandbox
            .with_vendor(|vendor| vendor.finish(&begun.id, Outcome::NoCard));
        browser.click("button[value=use]").await?;
        browser.wait(".sign.bad").await?;
        let title = browser.text("h1").await?;
        same("title", &json!(title), &json!("It was decided otherwise before"))?;
        browser.click("button[value=return]").await?;
        let visit = self.shop.visit().await?;
        came_back(&begun, &visit, &self.vendor.result(&begun.id)?)
    }

    async fn by_keyboard(&self, browser: &Browser) -> Result<()> {
        let begun = self.vendor.begin(&self.shop.base, None)?;
        browser.goto(&format!("{}&checking=0", begun.url)).await?;
        // The link past the header is the first thing that Tab reaches.
        tab_to(browser, ".skip", 1).await?;
        for (button, next) in [
            ("permission", "card"),
            ("card", "captured"),
            ("captured", "use"),
            ("use", ""),
        ] {
            tab_to(browser, &format!("button[value={button}]"), 12).await?;
            press(browser, Key::Enter).await?;
            if !next.is_empty() {
                browser.wait(&format!("button[value={next}]")).await?;
            }
        }
        let visit = self.shop.visit().await?;
        came_back(&begun, &visit, &self.vendor.result(&begun.id)?)
    }

    /// The photo is shown, and stays in the browser.
    async fn by_camera(&self, browser: &Browser) -> Result<()> {
        let begun = self.vendor.begin(&self.shop.base, None)?;
        browser
            .goto(&format!("{}&step=permission&checking=0", begun.url))
            .await?;
        browser.click("button[value=camera]").await?;
        browser.wait("[data-shutter]:not([disabled])").await?;
        browser.click("[data-shutter]").await?;
        browser.wait("canvas:not([hidden])").await?;
        browser.click("button[value=use]").await?;
        let visit = self.shop.visit().await?;
        let data = self.vendor.result(&begun.id)?;
        same("imageType", &data["imageType"], &json!("SCAN"))?;
        came_back(&begun, &visit, &data)
    }

    async fn without_camera(&self, browser: &Browser) -> Result<()> {
        let begun = self.vendor.begin(&self.shop.base, None)?;
        browser
            .goto(&format!("{}&step=camera&checking=0", begun.url))
            .await?;
        let denied = "const text = document.querySelector('[role=status]').textContent; return text.includes('not allowed');";
        let mut tries = 0;
        while browser.run(denied).await? != true {
            tries += 1;
            if tries > 100 {
                return Err("a camera that is denied is not told".into());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        browser.click("main button[value=permission]").await?;
        browser.wait("button[value=upload]").await?;
        browser.click("button[value=upload]").await?;
        browser.wait("button[value=captured]").await?;
        browser.click("button[value=captured]").await?;
        browser.wait("button[value=use]").await?;
        browser.click("button[value=use]").await?;
        let visit = self.shop.visit().await?;
        let data = self.vendor.result(&begun.id)?;
        same("imageType", &data["imageType"], &json!("MANUAL"))?;
        came_back(&begun, &visit, &data)
    }
}

async fn press(browser: &Browser, key: Key) -> Result<()> {
    let key: char = key.into();
    Ok(browser
        .client
        .active_element()
        .await?
        .send_keys(&key.to_string())
        .await?)
}

/// Presses Tab until the focus is there.
async fn tab_to(browser: &Browser, css: &str, at_most: usize) -> Result<()> {
    let there = format!("return document.activeElement.matches('{css}');");
    for _ in 0..at_most {
        press(browser, Key::Tab).await?;
        if browser.run(&there).await? == true {
            return Ok(());
        }
    }
    Err(format!("Tab does not reach {css}").into())
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<()> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what} is {found} and not {expected}").into())
    }
}

fn without_links(data: &Value) -> Value {
    let mut data = data.clone();
    for name in ["image", "croppedImage"] {
        if let Some(link) = data.get_mut(name) {
            *link = json!(link.is_string());
        }
    }
    data
}

/// Whether the shop was reached where the document says.
fn came_back(begun: &Begun, visit: &str, data: &Value) -> Result<()> {
    let id = &begun.id;
    let code = match (&data["ocrCode"], &data["idvCode"]) {
        (Value::String(code), _) | (Value::Null, Value::String(code)) => code.as_str(),
        // Without data there is nothing to go by; its outcome is a good card.
        _ => "SUCCESS",
    };
    let expected = if code == "SUCCESS" {
        format!("/done?order=7&signatureId={id}")
    } else {
        format!("/failed?signatureId={id}&errorCode={code}")
    };
    same("the way back", &json!(visit), &json!(expected))
}
