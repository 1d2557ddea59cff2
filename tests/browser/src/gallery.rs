//! Looking at a page: in two sizes and two colour schemes it is kept as a picture, asked by axe and measured.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::axe;
use crate::driver::{Browser, View};

pub(crate) struct Gallery {
    folder: PathBuf,
    axe: String,
    pub(crate) pictures: usize,
    /// What is wrong, by page.
    pub(crate) findings: Vec<String>,
}

impl Gallery {
    pub(crate) fn new(scratch: &Path) -> Result<Self> {
        let folder = scratch.join("pictures");
        // Pictures of an earlier run would pass for ones of this.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            axe: axe::script(scratch)?,
            pictures: 0,
            findings: Vec::new(),
        })
    }

    /// A picture that is no page.
    pub(crate) fn keep(&mut self, name: &str, png: &[u8]) -> Result<()> {
        std::fs::write(self.folder.join(format!("{name}.png")), png)?;
        self.pictures += 1;
        Ok(())
    }

    /// A page that is bad on purpose: findings are only worth something if there can be some.
    pub(crate) async fn check_teeth(&self, browser: &Browser) -> Result<()> {
        browser
            .goto("data:text/html,<img src=x><input><p style='color:%23ddd'>pale</p>")
            .await?;
        let findings = axe::findings(browser, &self.axe).await?;
        for rule in ["image-alt", "label", "color-contrast", "html-has-lang"] {
            if !findings.iter().any(|finding| finding.contains(rule)) {
                return Err(format!("axe does not find {rule} where it is").into());
            }
        }
        Ok(())
    }

    pub(crate) async fn look(&mut self, browser: &Browser, name: &str) -> Result<()> {
        for view in [View::Phone, View::Desktop] {
            for scheme in ["light", "dark"] {
                browser.look(view, scheme).await?;
                if name.contains("details") {
                    // On a phone the panel is closed until somebody opens it.
                    let open = "for (const panel of document.querySelectorAll('.drawer details')) panel.open = true;";
                    browser.run(open).await?;
                }
                let title = format!("{name}-{}-{scheme}", view.name());
                browser.picture(&self.folder.join(format!("{title}.png"))).await?;
                self.pictures += 1;
                let wide =
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth;";
                if browser.run(wide).await? != 0 {
                    self.findings.push(format!("{title}: wider than its window"));
                }
                for finding in axe::findings(browser, &self.axe).await? {
                    self.findings.push(format!("{title}: {finding}"));
                }
            }
        }
        Ok(())
    }
}
