// Keeps a server-rendered count current. The page is complete without it; every word comes from data attributes.
const FASTEST = 1000, SLOWEST = 5000, RELAX = 1.25, NEAR = 25, ERROR_SLOWEST = 60000, ANNOUNCE_EVERY = 60000;
const language = document.documentElement.lang || "en";
const numbers = new Intl.NumberFormat(language), plurals = new Intl.PluralRules(language);
// The display face lacks the narrow no-break space; Django writes the wide one.
const figure = (n) => numbers.format(n).replace(/\u202f/g, "\u00a0");
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

function date(iso, withTime) {
  const time = withTime ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : {};
  const options = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC", ...time };
  const part = {};
  for (const { type, value } of new Intl.DateTimeFormat(language, options).formatToParts(new Date(iso))) part[type] = value;
  const day = `${part.day} ${part.month} ${part.year}`;
  return withTime ? `${day}, ${part.hour}:${part.minute}` : day;
}

function follow(root) {
  const find = (name) => root.querySelector(`[data-count-${name}]`);
  const number = find("number"), progress = find("progress"), next = find("next"), asOf = find("as-of"), status = find("status");
  const list = document.querySelector(`[data-milestones="${CSS.escape(root.dataset.countUrl)}"]`);
  let count = Number(root.dataset.count), interval = FASTEST, timer = 0, asking = false, announcedAt = 0;

  function show(to) {
    const from = count, start = performance.now(), duration = 900;
    count = to;
    root.dataset.count = to;
    root.classList.add("count--bumped");
    setTimeout(() => root.classList.remove("count--bumped"), 2000);
    (function step(time) {
      if (count !== to) return;
      const share = stillness.matches || Math.abs(to - from) < 2 ? 1 : Math.min(1, (time - start) / duration);
      number.textContent = figure(Math.round(from + (to - from) * (1 - (1 - share) ** 3)));
      if (share < 1) requestAnimationFrame(step);
    })(start);
  }

  function row(threshold) {
    const known = list.querySelector(`[data-threshold="${threshold}"]`);
    const template = list.querySelector("template");
    if (known || !template) return known;
    const made = template.content.firstElementChild.cloneNode(true);
    made.dataset.threshold = threshold;
    made.firstElementChild.textContent = figure(threshold);
    const after = [...list.querySelectorAll("li")].find((item) => Number(item.dataset.threshold) > threshold);
    list.insertBefore(made, after || template);
    return made;
  }

  function markMilestones(answer) {
    let reached = 0;
    if (!list) return reached;
    for (const { threshold, reached_at: at } of answer.milestones || []) {
      if (!at) continue;
      const item = row(threshold);
      if (!item || item.classList.contains("milestone--reached")) continue;
      item.classList.add("milestone--reached", "milestone--new");
      item.lastElementChild.textContent = list.dataset.reached.replace("{date}", date(at));
      reached = threshold;
    }
    if (answer.next_milestone) row(answer.next_milestone);
    return reached;
  }

  const toGo = (left, goal) => next.dataset[plurals.select(left) === "one" ? "countOne" : "countNext"]
    .replace("{remaining}", figure(left)).replace("{milestone}", figure(goal));

  function announce(milestone) {
    const text = milestone ? list.dataset.announcement : root.dataset.announcement;
    if (!status || (!milestone && Date.now() - announcedAt < ANNOUNCE_EVERY)) return;
    announcedAt = Date.now();
    status.textContent = text.replace("{count}", figure(milestone || count));
  }

  function apply(answer) {
    const changed = answer.count !== count, goal = answer.next_milestone;
    if (changed) show(answer.count);
    const milestone = markMilestones(answer);
    if (progress && goal) { progress.max = goal; progress.value = count; }
    if (next) next.textContent = goal ? toGo(Math.max(0, goal - count), goal) : "";
    if (asOf && answer.as_of) asOf.textContent = asOf.dataset.countAsOf.replace("{date}", date(answer.as_of, true));
    if (changed || milestone) announce(milestone);
    interval = changed || (goal && goal - count <= NEAR) ? FASTEST : Math.min(SLOWEST, interval * RELAX);
  }

  async function ask() {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const response = await fetch(root.dataset.countUrl, { cache: "no-cache", credentials: "omit" });
      if (!response.ok) throw new Error(String(response.status));
      apply(await response.json());
    } catch {
      interval = Math.min(ERROR_SLOWEST, Math.max(FASTEST, interval) * 2);
    }
    asking = false;
    later();
  }

  function later() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, interval * (0.8 + Math.random() * 0.4));
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) { interval = FASTEST; ask(); }
  });
  later();
}

document.querySelectorAll("[data-count-url]").forEach(follow);
