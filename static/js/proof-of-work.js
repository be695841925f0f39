// Solves the proof of work that a signing form asks for while its reader types. The page loads it only when asked for;
// every word comes from the page. Whatever fails here, the form is sent all the same.
const MOST_WORKERS = 4, PATIENCE = 60_000, KEPT_FOR = 15 * 60_000;

// One challenge among some workers, each trying every nth number; the first that finds the answer ends the others.
function search({ challenge, solver }) {
  const count = Math.max(1, Math.min(MOST_WORKERS, Math.floor((navigator.hardwareConcurrency || 2) / 2)));
  const workers = Array.from({ length: count }, () => new Worker(solver));
  const found = workers.map((worker, counterStart) => new Promise((resolve, reject) => {
    worker.onerror = reject;
    worker.onmessage = ({ data }) => (data && !data.error ? resolve(data) : reject(data));
    worker.postMessage({ type: "work", challenge, counterStart, counterStep: count, timeout: PATIENCE });
  }));
  return Promise.any(found).finally(() => workers.forEach((worker) => worker.terminate()));
}

function guard(field) {
  const { form, dataset } = field;
  const find = (name) => form.querySelector(`[data-work-${name}]`);
  let under = null, solvedAt = -Infinity, leaving = false;

  async function solve() {
    const answer = await fetch(dataset.work, { cache: "no-store", credentials: "omit" });
    const { challenge } = await answer.json();
    if (!challenge) return; // it has become calm
    const solution = await search({ challenge, solver: dataset.workSolver });
    field.value = btoa(JSON.stringify({ challenge, solution }));
    solvedAt = performance.now();
  }

  const isSolved = () => field.value && performance.now() - solvedAt < KEPT_FOR;
  const start = () => (under ??= solve().catch(() => {}).finally(() => { under = null; }));
  const patience = () => new Promise((resolve) => setTimeout(resolve, PATIENCE));

  async function send(event) {
    if (isSolved()) return;
    event.preventDefault();
    if (leaving) return;
    leaving = true;
    find("status").textContent = find("status").dataset.workStatus;
    await Promise.race([start(), patience()]);
    form.submit();
  }

  find("hint").hidden = false;
  form.addEventListener("focusin", () => isSolved() || start());
  form.addEventListener("submit", send);
  addEventListener("pageshow", ({ persisted }) => { // a challenge is good for one signature, not for the way back to it
    if (!persisted) return;
    leaving = false;
    field.value = find("status").textContent = "";
  });
}

document.querySelectorAll("input[data-work]").forEach(guard);
