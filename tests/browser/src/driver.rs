//! Headless Chromium, driven by a chromedriver of our own on a free port.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::Result;

/// A chromedriver. It is killed when this is dropped.
pub(crate) struct Driver {
    url: String,
    _process: Child,
    profiles: PathBuf,
}

impl Driver {
    pub(crate) async fn start(scratch: &Path) -> Result<Self> {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("chromedriver: {error}; is chromium-driver installed?"))?;
        let stdout = process.stdout.take().ok_or("chromedriver has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let port = timeout(Duration::from_secs(20), async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    return Ok(port.trim().trim_end_matches('.').to_owned());
                }
            }
            Err::<String, Box<dyn std::error::Error>>("chromedriver ended before it listened".into())
        })
        .await??;
        // What it says later has to go somewhere.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            _process: process,
            profiles: scratch.join("profiles"),
        })
    }

    /// A browser with a profile of its own.
    pub(crate) async fn browser(&self, name: &str, scripts: Scripts) -> Result<Browser> {
        let profile = self.profiles.join(name);
        // What an earlier run left there is of no use.
        let _ = std::fs::remove_dir_all(&profile);
        std::fs::create_dir_all(&profile)?;
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=en-US",
            // A camera that shows a test picture and asks for no consent.
            "--use-fake-device-for-media-stream",
            "--window-size=1280,900",
            // As a name looks that its owner has bound to this machine.
            "--host-resolver-rules=MAP rebound.example 127.0.0.1",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        arguments.push(match scripts {
            Scripts::OnWithoutCamera => "--deny-permission-prompts".to_owned(),
            Scripts::On | Scripts::Off => "--use-fake-ui-for-media-stream".to_owned(),
        });
        let setting = if scripts == Scripts::Off { 2 } else { 1 };
        let options = json!({
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {"profile.managed_default_content_settings.javascript": setting},
            }
        });
        let Value::Object(capabilities) = options else {
            return Err("no capabilities".into());
        };
        let capabilities: Capabilities = capabilities.into_iter().collect();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&self.url)
            .await?;
        Ok(Browser { client })
    }
}

/// Whether a page may run scripts, and whether it may have the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    OnWithoutCamera,
    Off,
}

/// One browser.
pub(crate) struct Browser {
    pub(crate) client: Client,
}

impl Browser {
    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.client.close().await?)
    }

    pub(crate) async fn goto(&self, url: &str) -> Result<()> {
        Ok(self.client.goto(url).await?)
    }

    pub(crate) async fn click(&self, css: &str) -> Result<()> {
        let found = self.client.find(Locator::Css(css)).await;
        found.map_err(|error| format!("{css}: {error}"))?.click().await?;
        Ok(())
    }

    /// Waits until there is such an element.
    pub(crate) async fn wait(&self, css: &str) -> Result<()> {
        let found = self
            .client
            .wait()
            .at_most(Duration::from_secs(15))
            .for_element(Locator::Css(css))
            .await;
        found
            .map(drop)
            .map_err(|error| format!("{css} did not come: {error}").into())
    }

    pub(crate) async fn text(&self, css: &str) -> Result<String> {
        Ok(self.client.find(Locator::Css(css)).await?.text().await?)
    }

    /// Chooses an option of a select.
    pub(crate) async fn choose(&self, css: &str, value: &str) -> Result<()> {
        Ok(self
            .client
            .find(Locator::Css(css))
            .await?
            .select_by_value(value)
            .await?)
    }

    pub(crate) async fn run(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// A command of the `DevTools` protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let command = DevTools(json!({"cmd": command, "params": parameters}));
        Ok(self.client.issue_cmd(command).await?)
    }

    pub(crate) async fn look(&self, view: View, scheme: &str) -> Result<()> {
        let (width, height) = view.size();
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features).await?;
        // A picture that just came is to be decoded, and a transition over.
        sleep(Duration::from_millis(60)).await;
        Ok(())
    }

    /// The whole page, also what is below the fold.
    pub(crate) async fn picture(&self, file: &Path) -> Result<()> {
        let parameters = json!({"format": "png", "captureBeyondViewport": true});
        let answer = self.devtools("Page.captureScreenshot", parameters).await?;
        let data = answer["data"].as_str().ok_or("a screenshot without data")?;
        std::fs::write(file, STANDARD.decode(data)?)?;
        Ok(())
    }
}

/// How large the window is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum View {
    Phone,
    Desktop,
}

impl View {
    pub(crate) const fn size(self) -> (u32, u32) {
        match self {
            Self::Phone => (390, 844),
            Self::Desktop => (1280, 900),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Phone => "390",
            Self::Desktop => "1280",
        }
    }
}

#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> std::result::Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}
