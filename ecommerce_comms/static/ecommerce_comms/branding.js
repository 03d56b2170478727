// The picture of the mail follows the form while it is filled in. Without this, the button "Preview" does the same.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("branding_form");
  const button = document.querySelector(".comms-look");
  if (!form || !button) return;
  const PAUSE = 250;  // milliseconds after the last letter
  let timer = 0;
  let newest = null;
  let count = 0;

  // A new frame for each picture: the old one stays until the new one is there, and the way back in the browser leads nowhere odd.
  function show() {
    const old = document.querySelector(".comms-picture iframe:not(.comms-waits)");
    if (newest) newest.remove();
    const next = document.createElement("iframe");
    newest = next;
    next.className = "comms-waits";
    next.title = old.title;
    next.tabIndex = -1;
    next.name = button.formTarget = `comms-picture-${++count}`;
    old.after(next);
    const began = () => next.contentWindow && next.contentWindow.location.href !== "about:blank";
    next.addEventListener("load", () => {
      if (next !== newest || !began()) return;
      next.classList.remove("comms-waits");
      next.removeAttribute("tabindex");
      old.remove();
      newest = null;
    });
    form.requestSubmit(button);
  }

  function soon(event) {
    if (event.target.name === "picture_width") return;
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  }

  for (const place of [form, document.querySelector(".comms-picture")]) {
    place.addEventListener("input", soon);
    place.addEventListener("change", soon);
  }
  document.querySelector(".comms-built-in")?.addEventListener("click", (event) => {
    const field = document.getElementById("id_layout");
    if (!field) return;
    event.preventDefault();
    if (!field.value.trim()) field.value = event.currentTarget.dataset.mjml;
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
});
