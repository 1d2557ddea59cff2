//! The command line as types.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const AFTER_HELP: &str = "\
Environment:
  ADVANCE_ACCESS_KEY, ADVANCE_SECRET_KEY  the account's keys; the vendor shows them on the
                                          Websaas Platform, Account, Account Management
  ADVANCE_BASE_URL                        where the API lives, if --base-url is not given
An empty variable counts as none.

Exit status:
  0  it worked; for inspect: the reply was understood, whatever its code says
  1  it failed
  2  the command line or the environment is wrong, and nothing was sent

With --json, stdout gets one JSON object. If the command fails, for whatever reason, the object has
\"error\":{\"kind\":…,\"message\":…,\"code\":…,\"transactionId\":…,\"advice\":…}. Of several results,
each is in \"results\", and each that failed there has an \"error\" of its own.

Without an account: `advance demo`, or `advance sandbox` and its keys.";

/// Document verification with the ADVANCE.AI H5 API.
#[derive(Parser)]
#[command(name = "advance", version, arg_required_else_help = true, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// Print one JSON object instead of text for a person
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Verify an identity from beginning to end, by default against a sandbox on this machine
    Demo(Demo),
    /// Be the vendor: serve the API on this machine until Ctrl-C
    Sandbox(Sandbox),
    /// Get an access token
    Token(Token),
    /// Get a link to send a person to
    Link(Link),
    /// Fetch how one or more verifications ended
    Result(Fetch),
    /// Wait until the person has finished, then fetch how it ended
    Wait(Wait),
    /// Sign a token request without sending it
    Sign(Sign),
    /// Explain a saved reply, without any network
    Inspect(Inspect),
}

/// Where the API lives and how it is reached.
#[derive(Args)]
pub(crate) struct Connection {
    // Not clap's `env`: to that, an empty variable is a value.
    #[arg(
        long,
        value_name = "URL",
        help = "Where the API lives: https, or http to this machine [env: ADVANCE_BASE_URL] [default: https://api.advance.ai]"
    )]
    pub(crate) base_url: Option<String>,
    /// Use the blocking client (ureq) instead of the async one (reqwest)
    #[arg(long)]
    pub(crate) blocking: bool,
}

const DEMO_HELP: &str = "\
How it ends in a sandbox is up to --user-id:
  sbx-ok (default)  a good picture of a good card
  sbx-forged        a forged card
  sbx-low-quality   a blurred, dim picture
  sbx-no-card       a picture without a card
  sbx-ocr-empty     a card from which nothing could be read
  sbx-pending-3     like sbx-ok, when asked for the third time

With --base-url, the keys come from ADVANCE_ACCESS_KEY and ADVANCE_SECRET_KEY. ADVANCE_BASE_URL is
not looked at, so that a demo never costs anything by accident.";

#[derive(Args)]
#[command(after_help = DEMO_HELP)]
pub(crate) struct Demo {
    /// Instead of a sandbox use this host and your keys, and wait for the person
    // `ADVANCE_BASE_URL` is not looked at, so that a demo never costs anything by accident.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Use the blocking client (ureq) instead of the async one (reqwest)
    #[arg(long)]
    pub(crate) blocking: bool,
    /// Your name for the person; in a sandbox it says how it ends (see below)
    #[arg(long, value_name = "ID")]
    pub(crate) user_id: Option<String>,
    /// Where the page sends the person afterwards
    #[arg(long, value_name = "URL", default_value = "https://example.com/verified")]
    pub(crate) return_url: String,
    /// Where the page sends the person if no result could be had
    #[arg(long, value_name = "URL", default_value = "https://example.com/not-verified")]
    pub(crate) fail_return_url: String,
    /// Take return URLs with plain http to another machine; whoever listens on the way sees and changes what comes back
    #[arg(long)]
    pub(crate) allow_http_return_url: bool,
    /// The country of the document, ISO 3166-1 alpha-3
    #[arg(long, value_name = "CODE", default_value = "IDN")]
    pub(crate) region: String,
}

#[derive(Args)]
pub(crate) struct Token {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// How long the token shall live: 60 to 86400 seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub(crate) period: u64,
}

#[derive(Args)]
pub(crate) struct Link {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Where the page sends the person afterwards
    #[arg(long, value_name = "URL")]
    pub(crate) return_url: String,
    /// Where the page sends the person if no result could be had
    #[arg(long, value_name = "URL")]
    pub(crate) fail_return_url: String,
    /// Take return URLs with plain http to another machine; whoever listens on the way sees and changes what comes back
    #[arg(long)]
    pub(crate) allow_http_return_url: bool,
    /// The country of the document, ISO 3166-1 alpha-3
    #[arg(long, value_name = "CODE", default_value = "IDN")]
    pub(crate) region: String,
    /// Your name for the person
    #[arg(long, value_name = "ID")]
    pub(crate) user_id: Option<String>,
}

#[derive(Args)]
pub(crate) struct Fetch {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Which verifications: the signatureIds that came with their links
    #[arg(value_name = "SIGNATURE_ID", required = true)]
    pub(crate) signature_ids: Vec<String>,
    /// Wait until the person has finished, like the command wait; takes one id
    #[arg(long)]
    pub(crate) wait: bool,
    /// With --wait: wait at most this long [default: 3600]
    #[arg(long, value_name = "SECONDS", requires = "wait")]
    pub(crate) timeout: Option<u64>,
    #[arg(
        long,
        requires = "wait",
        help = "With --wait: take SIGNATURE_NOT_EXIST for \"not finished yet\""
    )]
    pub(crate) unknown_is_unfinished: bool,
    /// With several ids: how many to ask for at the same time
    #[arg(long, value_name = "NUMBER", default_value = "8")]
    pub(crate) concurrency: NonZeroUsize,
    /// With several ids: the least time between two
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) interval: u64,
}

#[derive(Args)]
pub(crate) struct Wait {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Which verification: the signatureId that came with the link
    #[arg(value_name = "SIGNATURE_ID")]
    pub(crate) signature_id: String,
    /// Wait at most this long
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub(crate) timeout: u64,
    #[arg(long, help = "Take SIGNATURE_NOT_EXIST for \"not finished yet\"")]
    pub(crate) unknown_is_unfinished: bool,
}

#[derive(Args)]
pub(crate) struct Sign {
    /// Milliseconds since 1970, 13 digits [default: now]
    #[arg(long, value_name = "MS")]
    pub(crate) timestamp: Option<u64>,
}

#[derive(Args)]
pub(crate) struct Inspect {
    /// Which call was answered
    pub(crate) endpoint: Answered,
    /// The saved body, or - for standard input
    pub(crate) file: PathBuf,
    /// Show the token, the links, what was read off the card and the text of an exception, too
    #[arg(long)]
    pub(crate) reveal: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Answered {
    GenerateToken,
    GenerateUrl,
    GetResult,
}

const SANDBOX_HELP: &str = "\
It takes the sample account of the vendor's document, sampleaccesskey with samplesecretkey, and the
keys in ADVANCE_ACCESS_KEY and ADVANCE_SECRET_KEY if they are set when it starts. For the other
commands, put its address into ADVANCE_BASE_URL and either keys into the other two.";

#[derive(Args)]
#[command(after_help = SANDBOX_HELP)]
pub(crate) struct Sandbox {
    /// Listen here; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Allow an address that other machines can reach; whoever reaches the sandbox controls it
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// A path before the vendor's paths, such as /gateway
    #[arg(long, value_name = "PATH")]
    pub(crate) path_prefix: Option<String>,
    /// What links begin with if browsers reach the sandbox by another address
    #[arg(long, value_name = "URL")]
    pub(crate) public_base: Option<String>,
    /// What get-result says it costs
    #[arg(long, value_enum, default_value_t = Charging::Documented)]
    pub(crate) charging: Charging,
    /// What get-result says before the person has finished
    #[arg(long, value_enum, default_value_t = Unfinished::NullFields)]
    pub(crate) unfinished: Unfinished,
    /// How a region other than IDN is refused
    #[arg(long, value_enum, default_value_t = RegionRefusal::RegionWrong)]
    pub(crate) region_refusal: RegionRefusal,
    /// How long a link lives
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub(crate) link_life: u32,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Charging {
    /// FREE, as in the documented example
    Documented,
    /// PAY when a finished result is delivered first
    PayPerResult,
    /// PAY every time
    PayPerPoll,
    /// Nothing
    Omit,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Unfinished {
    /// SUCCESS, every member of data null
    NullFields,
    /// SUCCESS, data null
    NullData,
    #[value(help = "SIGNATURE_NOT_EXIST")]
    SignatureNotExist,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RegionRefusal {
    #[value(help = "Code REGION_WRONG, as in the documented example")]
    RegionWrong,
    #[value(help = "Code PARAMETER_ERROR, as in the documented table")]
    ParameterError,
}
