// Keeps a server-rendered count current. Every word comes from data attributes.
const FASTEST = 1e3, SLOWEST = 5e3, RELAX = 1.25, NEAR = 25, MINUTE = 6e4, OLDEST_S = 10;
const { lang } = document.documentElement, numbers = new Intl.NumberFormat(lang), plurals = new Intl.PluralRules(lang);
const dates = new Intl.DateTimeFormat(lang, {
  day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC",
});
// As Django writes it.
const figure = (n) => numbers.format(n).replace(/\u202f/g, "\u00a0");
const words = (n, { dataset }, name) => // 0 may be one
  dataset[plurals.select(n) === "one" ? `${name}One` : name].replace("{count}", figure(n));

function date(iso, withTime) {
  const part = {};
  for (const { type, value } of dates.formatToParts(new Date(iso))) part[type] = value;
  return `${part.day} ${part.month} ${part.year}` + (withTime ? `, ${part.hour}:${part.minute}` : "");
}

function follow(root) {
  const url = root.dataset.countUrl;
  const [number, progress, next, asOf, status] = ["number", "progress", "next", "as-of", "status"]
    .map((name) => root.querySelector(`[data-count-${name}]`));
  const list = document.querySelector(`[data-milestones="${CSS.escape(url)}"]`);
  let count = +root.dataset.count, told = count, known = 0, owed = [];
  let interval = FASTEST, timer, asking, askedAt = 0, announcedAt = -MINUTE;

  function show(to) {
    const from = count, start = performance.now(), still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    count = to;
    root.classList.add("count--bumped");
    setTimeout(() => root.classList.remove("count--bumped"), 2000);
    (function step(time) {
      if (count !== to) return;
      const share = still ? 1 : Math.min(1, (time - start) / 900);
      number.textContent = figure(Math.round(from + (to - from) * (1 - (1 - share) ** 3)));
      if (share < 1) requestAnimationFrame(step);
    })(start);
  }

  function row(threshold) {
    const known = list.querySelector(`[data-threshold="${threshold}"]`);
    if (known) return known;
    const template = list.querySelector("template"), made = template.content.firstElementChild.cloneNode(true);
    made.dataset.threshold = threshold;
    made.firstElementChild.textContent = figure(threshold);
    ([...list.children].find((step) => step.dataset.threshold > threshold) || template).before(made);
    return made;
  }

  function mark({ threshold, reached_at: at }) {
    const item = at && row(threshold);
    if (!item || item.matches(".milestone--reached")) return;
    item.classList.add("milestone--reached", "milestone--new");
    item.lastElementChild.textContent = list.dataset.reached.replace("{date}", date(at));
    if (list.dataset.page) {
      const link = document.createElement("a");
      link.href = list.dataset.page.replace("{threshold}", threshold);
      link.append(figure(threshold));
      item.firstElementChild.replaceChildren(link);
    }
    owed.push(words(threshold, list, "announcement"));
  }

  // What waited its minute is said with an answer that has just come.
  function announce() {
    const now = performance.now();
    if (document.hidden || (told === count && !owed[0]) || now - announcedAt < MINUTE) return;
    status.textContent = owed.join(". ") || words(count, root, "announcement");
    [announcedAt, told, owed] = [now, count, []];
  }

  function apply(answer) {
    const changed = answer.count !== count, goal = answer.next_milestone, at = Date.parse(answer.as_of);
    if (at < known) return;
    known = at;
    if (changed) show(answer.count);
    if (list) answer.milestones.forEach(mark);
    if (list && goal) row(goal);
    if (progress) [progress.max, progress.value] = [goal || progress.max, count];
    const left = Math.max(0, goal - count);
    if (next) next.textContent = goal && words(left, next, "countNext").replace("{milestone}", figure(goal));
    if (asOf) asOf.textContent = asOf.dataset.countAsOf.replace("{date}", date(at, true));
    announce();
    interval = changed || (goal && left <= NEAR) ? FASTEST : Math.min(SLOWEST, interval * RELAX);
  }

  async function ask() {
    if (asking) return;
    asking = true;
    askedAt = performance.now();
    try {
      const response = await fetch(url, { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(9000) });
      if (!response.ok || response.headers.get("age") > OLDEST_S) throw response;
      apply(await response.json());
    } catch {
      interval = Math.min(MINUTE, interval * 2);
    }
    asking = false;
    later();
  }

  function later() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, interval * (0.8 + Math.random() * 0.4));
  }

  function resume({ persisted }) { // false: loaded, not brought back
    if (document.hidden || persisted === false || performance.now() - askedAt < 500) return later();
    interval = FASTEST;
    ask();
  }

  for (const type of ["visibilitychange", "focus", "pageshow", "online"]) addEventListener(type, resume);
  later();
}

document.querySelectorAll("[data-count-url]").forEach(follow);
