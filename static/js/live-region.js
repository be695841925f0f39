// Keeps one part of a page up to date while something is under way; the page says so itself by data-live-region.
// Without this module the same page is loaded again by hand.
const EVERY_MS = 2000;

async function refresh() {
  const region = document.querySelector("[data-live-region]");
  if (!region) return;
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(region.id);
      if (answer.ok && fresh && !region.contains(document.activeElement)) region.replaceWith(fresh);
    } catch {
      // The network is away: the next round asks again.
    }
  }
  setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);
