// Fetches the page again every 15 seconds and puts in what has changed. Without it, the page reloads itself.
"use strict";

const EVERY = 15000; // milliseconds
const PARTS = ["now", "notes", "headline", "board"];

function takeOver(fresh) {
  document.title = fresh.title;
  for (const id of PARTS) {
    const old = document.getElementById(id);
    const next = fresh.getElementById(id);
    if (!old || !next || old.outerHTML === next.outerHTML) continue;
    const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
    old.className = next.className;
    old.innerHTML = next.innerHTML;
    if (focused) old.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

async function refresh() {
  const stale = document.getElementById("stale");
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(answer.statusText);
    takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
  setTimeout(refresh, EVERY);
}

const run = document.getElementById("run");
if (run) {
  run.form.classList.add("quick");
  run.addEventListener("change", () => run.form.submit());
}
setTimeout(refresh, EVERY);
