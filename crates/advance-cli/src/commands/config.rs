//! `advance config`

use serde::Serialize;

use crate::connection::Connection;
use crate::net::proxy;
use crate::out::Out;
use crate::settings::Name;
use crate::stop::Stop;
use crate::text::Rows;

const HELP: &str = "\
A setting comes from the command line, else from the environment, else from the profile, else from what the file says for \
all profiles. The file is TOML:

  profile = \"test\"                # unless --profile or ADVANCE_PROFILE names another

  [all]
  proxy = \"http://proxy.example:3128\"

  [profiles.test]
  base_url = \"http://127.0.0.1:8080\"
  access_key = \"sampleaccesskey\"
  secret_key = \"samplesecretkey\"  # then the file must be readable by you alone

  [profiles.live]
  access_key_file = \"/run/secrets/advance-access-key\"
  secret_key_file = \"/run/secrets/advance-secret-key\"
  ca_file = \"/etc/ssl/company.pem\"
  no_proxy = \"intranet.example\"

It is config.toml in the folder `advance` of your settings (on Linux, ~/.config), or where ADVANCE_CONFIG says. Variables: \
ADVANCE_BASE_URL, ADVANCE_INSECURE_HOST, ADVANCE_ACCESS_KEY, ADVANCE_SECRET_KEY, the last two also with _FILE; ADVANCE_PROXY, HTTPS_PROXY or \
ALL_PROXY, and NO_PROXY; ADVANCE_CA_FILE. SSL_CERT_FILE and SSL_CERT_DIR replace the system's certificates. This machine \
is never reached through a proxy.

Examples:
  advance config show";

/// Show the settings that hold, and where each came from
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Each setting, and where it came from; keys are not shown
    Show {
        #[command(flatten)]
        connection: Connection,
    },
    /// Where the file of settings is, or would be
    Path,
}

#[derive(Serialize)]
struct Printed<'a> {
    file: &'a str,
    exists: bool,
    profile: Option<&'a str>,
    settings: Vec<Setting>,
}

#[derive(Serialize)]
struct Setting {
    name: &'static str,
    value: Option<String>,
    source: Option<String>,
}

pub(super) fn run(args: &Args, out: &Out) -> Result<(), Stop> {
    let connection = match &args.what {
        What::Show { connection } => Some(connection),
        What::Path => None,
    };
    let settings = match connection {
        Some(connection) => connection.settings()?,
        None => crate::settings::Settings::load(None)?,
    };
    let file = settings.file();
    let path = file.path().display().to_string();
    let mut listed = Vec::new();
    for name in Name::ALL.into_iter().filter(|_| connection.is_some()) {
        listed.push(match settings.find(name)? {
            Some(found) => Setting {
                name: name.in_file(),
                value: Some(shown(name, &found.value)),
                source: Some(found.source.to_string()),
            },
            None if name == Name::BaseUrl => Setting {
                name: name.in_file(),
                value: Some("https://api.advance.ai".to_owned()),
                source: Some("the default".to_owned()),
            },
            None => Setting {
                name: name.in_file(),
                value: None,
                source: None,
            },
        });
    }
    if out.is_json() {
        return out.object(&Printed {
            file: &path,
            exists: file.exists(),
            profile: file.name(),
            settings: listed,
        });
    }
    if connection.is_none() {
        return out.text(&format!("{path}\n"));
    }
    let mut rows = Rows::default();
    for setting in &listed {
        let source = setting
            .source
            .as_deref()
            .map(|source| format!("from {source}"))
            .unwrap_or_default();
        rows.add([
            setting.name,
            setting.value.as_deref().unwrap_or("(not set)"),
            &source,
        ]);
    }
    let there = if file.exists() { "" } else { " (not there)" };
    let profile = file
        .name()
        .map(|name| format!(", profile {name}"))
        .unwrap_or_default();
    out.text(&format!(
        "{}{there}{profile}\n{}",
        crate::text::clean(&path),
        out.lines(&rows, 2)
    ))
}

fn shown(name: Name, value: &str) -> String {
    match name {
        _ if name.is_secret() => format!(
            "[redacted], {}",
            crate::text::counted(value.chars().count() as u64, "character")
        ),
        Name::Proxy | Name::BaseUrl => proxy::shown(value.split('?').next().unwrap_or_default()),
        _ => value.to_owned(),
    }
}
