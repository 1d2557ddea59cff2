//! What the shop answers.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use advance_collector::sink::{Folder, What};
use advance_reqwest::domain::PictureFormat;
use advance_reqwest::{GenerateUrl, Region, ReturnUrl, ReturnedUrl, UserId};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::Collector;
use crate::orders::Orders;
use crate::problem::Problem;

pub struct Shop {
    pub client: advance_reqwest::Client,
    pub collector: Collector,
    pub orders: Orders,
    pub kept: Folder,
    pub public_url: String,
    pub staff_token: String,
}

type App = State<Arc<Shop>>;

pub fn routes(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/orders", post(order))
        .route("/orders/{id}", get(show))
        .route("/orders/{id}/pictures/{which}", get(picture))
        .route("/verified", get(returned))
        .route("/not-verified", get(returned))
        .with_state(shop)
}

impl Shop {
    /// Where the person's browser comes back. The order's id is the state that it brings along.
    fn return_url(&self, path: &str, order: &str) -> Result<ReturnUrl, advance_reqwest::Error> {
        ReturnUrl::new(format!("{}{path}?state={order}", self.public_url))
    }
}

#[derive(Deserialize)]
struct NewOrder {
    customer: String,
}

#[derive(Serialize)]
struct Ordered {
    order: String,
    /// Where to send the person. A secret between them and the shop: it is not stored.
    link: String,
}

async fn order(State(shop): App, Json(new): Json<NewOrder>) -> Result<(StatusCode, Json<Ordered>), Problem> {
    let customer = UserId::new(new.customer).map_err(Problem::Input)?;
    // Not to be guessed: it is all that the person's browser has to show.
    let id = Uuid::new_v4().simple().to_string();
    let request = GenerateUrl::new(
        shop.return_url("/verified", &id).map_err(Problem::Vendor)?,
        shop.return_url("/not-verified", &id).map_err(Problem::Vendor)?,
        Region::IDN,
    );
    let made = shop.client.generate_url(request.user_id(customer)).await;
    let link = made.map_err(Problem::Vendor)?.into_data();
    // The link is given out only once it is written down. If the process dies here, no person has it, and nothing is pending.
    shop.orders.add(id.clone(), &link).await?;
    let link = link.expose_url().to_owned();
    Ok((StatusCode::CREATED, Json(Ordered { order: id, link })))
}

#[derive(Deserialize)]
struct Returned {
    state: String,
}

/// The person is back. Any browser can ask for this, so it proves nothing: it is a reason to ask for the result now.
async fn returned(State(shop): App, Query(returned): Query<Returned>, uri: Uri) -> Result<Redirect, Problem> {
    let order = shop.orders.get(returned.state).await?;
    let sent = shop.return_url(uri.path(), &order.id).map_err(Problem::Vendor)?;
    let came = ReturnedUrl::parse(&uri.to_string()).map_err(Problem::Input)?;
    if !came.mismatches(&sent, &order.signature_id).is_empty() {
        return Err(Problem::WrongReturn);
    }
    shop.collector.nudge(&order.signature_id).await?;
    Ok(Redirect::to(&format!("/orders/{}", order.id)))
}

#[derive(Serialize)]
struct Shown {
    order: String,
    /// `waiting`, a verdict (`passed`, `failed`, …), or how it ended without one (`link_expired`, `unsure`, …).
    status: String,
    mails: u32,
}

async fn show(State(shop): App, Path(id): Path<String>) -> Result<Json<Shown>, Problem> {
    let order = shop.orders.get(id).await?;
    Ok(Json(Shown {
        order: order.id,
        status: order.status,
        mails: order.mails,
    }))
}

/// A picture of somebody's identity card: for the staff, and for no cache.
async fn picture(
    State(shop): App,
    Path((id, which)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let given = headers
        .get(header::AUTHORIZATION)
        .map_or(&b""[..], |value| value.as_bytes());
    let wanted = format!("Bearer {}", shop.staff_token);
    if !bool::from(given.ct_eq(wanted.as_bytes())) {
        return Err(Problem::NotAllowed);
    }
    let file = match which.as_str() {
        "image" => What::Image,
        "cropped_image" => What::CroppedImage,
        _ => return Err(Problem::NotFound),
    };
    let order = shop.orders.get(id).await?;
    let folder = shop.kept.of(&order.signature_id);
    let read = tokio::task::spawn_blocking(move || {
        for format in [PictureFormat::Jpeg, PictureFormat::Png] {
            match fs::read(folder.join(file(format).file_name())) {
                Ok(bytes) => return Ok((format, bytes)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(_) => return Err(Problem::Broken),
            }
        }
        // Not yet, or it could not be had.
        Err(Problem::NotFound)
    });
    let (format, bytes) = read.await.unwrap_or(Err(Problem::Broken))?;
    let headers = [
        (header::CONTENT_TYPE, format.media_type()),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, bytes))
}
