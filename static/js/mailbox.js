/* Shows new mail without a reload while the page is being looked at. Without it, "Look again" does the same. */
const PAUSE_MS = 2000;

async function lookAgain() {
  if (document.hidden) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = document.querySelector("[data-mailbox]");
  const next = page.querySelector("[data-mailbox]");
  // Only when something arrived: a list that is replaced under the keyboard loses its focus.
  if (now && next && now.innerHTML !== next.innerHTML) now.innerHTML = next.innerHTML;
}

setInterval(() => lookAgain().catch(() => {}), PAUSE_MS);
