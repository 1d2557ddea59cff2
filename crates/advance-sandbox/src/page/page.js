// What the page can do without and is nicer with: the camera, a preview of the tester's choices, going on by itself.
(() => {
  "use strict";
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => document.querySelectorAll(selector);
  const flow = one("#flow");
  const PHOTO = "sandbox-photo";

  const drawer = one("[data-drawer]");
  if (drawer) {
    const wide = matchMedia("(min-width: 60rem)");
    drawer.open = wide.matches;
    wide.addEventListener("change", () => { drawer.open = wide.matches; });
    one("[data-apply]").hidden = true;
    drawer.addEventListener("input", () => {
      const choices = new URLSearchParams(new FormData(flow));
      for (const name of ["token", "signatureId", "lang"]) choices.delete(name);
      for (const image of all("[data-preview]")) image.src = "card.svg?" + choices;
    });
  }
  // Fields that were left empty need not be in the address.
  flow?.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  const hasCamera = Boolean(navigator.mediaDevices?.getUserMedia);
  for (const button of all("[data-needs-camera]")) button.hidden = !hasCamera;
  for (const text of all("[data-without-camera]")) text.hidden = hasCamera;

  // A photo stays in this tab. It is made small enough for the tab's storage, and forgotten when it is of no use.
  const keep = (source, width, height) => {
    const scale = Math.min(1, 1000 / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
    try {
      sessionStorage.setItem(PHOTO, canvas.toDataURL("image/jpeg", 0.8));
    } catch {
      // Without storage the sandbox's card is shown, as without a camera.
    }
  };
  const forget = () => {
    try {
      sessionStorage.removeItem(PHOTO);
    } catch {
      // There is nothing to forget.
    }
  };

  const finder = one("[data-camera]");
  const file = one("#file");
  const shot = one("figure.shot");
  if (!shot) forget();
  if (finder) watch(finder);
  if (file) file.addEventListener("change", async () => {
    forget();
    if (!file.files.length) return;
    try {
      const image = await createImageBitmap(file.files[0]);
      keep(image, image.width, image.height);
    } catch {
      // It is no image; the sandbox's card is shown.
    }
  });
  if (shot) show(shot);

  async function watch(finder) {
    const video = finder.querySelector("video");
    const status = finder.querySelector("[role=status]");
    status.querySelector("span").hidden = false;
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      await video.play();
    } catch {
      status.textContent = status.dataset.denied;
      return;
    }
    status.textContent = "";
    video.hidden = false;
    const shutter = one("[data-shutter]");
    shutter.disabled = false;
    shutter.addEventListener("click", () => keep(video, video.videoWidth, video.videoHeight));
  }

  async function show(shot) {
    // The sandbox's card was chosen instead.
    if (flow.elements.via.value === "card") return;
    let photo = null;
    try {
      photo = sessionStorage.getItem(PHOTO);
    } catch {
      return;
    }
    if (!photo) return;
    const bytes = Uint8Array.from(atob(photo.split(",")[1]), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    const canvas = shot.querySelector("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    canvas.hidden = false;
    shot.querySelector("img").hidden = true;
    shot.querySelector("figcaption").hidden = false;
  }

  const poll = one("[data-poll]")?.dataset.poll;
  if (poll) {
    const look = async () => {
      try {
        const state = await (await fetch(poll)).json();
        if (state.done) return location.reload();
      } catch {
        // The sandbox may be starting again.
      }
      setTimeout(look, 700);
    };
    setTimeout(look, 700);
  }

  const soon = one("[data-go]");
  if (soon) {
    soon.hidden = false;
    setTimeout(() => one(".actions button").click(), 3000);
  }
})();
