"use strict";
// The console speaks the native dialect and nothing else. Who signs in is kept in this page's memory only; everything is
// set as text, never as markup.

const REFRESH_MS = 5000;
const find = (id) => document.getElementById(id);

/** An element with attributes and children; a text is a child too. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "click") element.addEventListener("click", value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Who is signed in: an object of its own for every time somebody is. */
let signed = null;
/** What an answer is worth that somebody else asked for, or nobody any more. */
const STALE = new Error("asked by another");

/** Asks the box. A refusal throws its own sentence. */
async function ask(method, path, body) {
  const asker = signed;
  if (!asker) throw STALE;
  const headers = { authorization: asker.credential, accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  // Without `omit` a browser would ask for a password itself after a 401.
  const answer = await fetch("/orgbox/v1" + path, {
    method, headers, credentials: "omit", cache: "no-store",
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => null);
  const text = answer ? await answer.text().catch(() => "") : "";
  if (asker !== signed) throw STALE;
  if (!answer) throw new Error("The box does not answer.");
  let told = null;
  try { told = text ? JSON.parse(text) : null; } catch { /* Not from the box: a proxy before it. */ }
  if (answer.ok) return told;
  const refusal = new Error((told && told.detail) || `The box answers ${answer.status}.`);
  refusal.status = answer.status;
  throw refusal;
}

const moment = (text) => (text ? text.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC") : "never");
const plain = (value) => (value === null || value === undefined || value === "" ? "–" : String(value));
const words = (name) => String(name).replaceAll("_", " ");

/** Texts between backquotes as code. */
const inline = (line) => line.split(/`([^`]+)`/).map((part, place) => (place % 2 ? make("code", {}, part) : part));

function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let place = 0;
  for (; bytes >= 1024 && place < units.length - 1; place += 1) bytes /= 1024;
  return `${place ? bytes.toFixed(1) : bytes} ${units[place]}`;
}

function age(seconds) {
  for (const [length, unit] of [[86400, "days"], [3600, "h"], [60, "min"]]) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)} ${unit}`;
  }
  return `${seconds} s`;
}

/** Fills a list of terms; a pair without a value is left out. */
function terms(list, pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined);
  list.replaceChildren(...shown.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

/** How a state of the link is painted. */
function toneOf(state) {
  if (["up", "starting", "off", "exporting"].includes(state)) return "good";
  return ["retrying", "at_rest"].includes(state) ? "wary" : "bad";
}

function nextTry(told) {
  if (["off", "exporting"].includes(told.state)) return "none: there is no address";
  if (told.state === "at_rest") return "when the box is served";
  if (told.state === "quarantined") return "when an operator has decided";
  if (told.sending) return "now: a request is under way";
  return told.next_try ? moment(told.next_try) : "as soon as there is something to send";
}

function showBilling(told, parked) {
  const section = find("billing");
  section.hidden = false;
  section.querySelector(".words").className = `words ${toneOf(told.state)}`;
  section.querySelector(".words").textContent = told.words;
  const { events, bytes, oldest, oldest_seconds: waited } = told.queue;
  const since = `the oldest since ${moment(oldest)} (${age(waited)})`;
  terms(section.querySelector("dl"), [
    ["State", `${words(told.state)} since ${moment(told.since)}`],
    ["Why", told.why],
    ["What to do", told.remedy && make("span", {}, inline(told.remedy))],
    ["Waiting", events ? `${events} event${events === 1 ? "" : "s"}, ${size(bytes)}; ${since}` : "nothing"],
    ["Full state", told.telling_everything ? "is being told" : null],
    ["New epoch due", told.epoch_due],
    ["Set aside", told.parked ? `${told.parked}, listed below` : "nothing"],
    ["Last success", moment(told.last_success)],
    ["Next try", nextTry(told)],
    ["Failures in a row", told.failures || null],
    ["Site", told.site],
    ["Epoch", told.epoch || "none is open yet"],
    ["Clock", told.clock_offset_ms ? `the receiver's is ${told.clock_offset_ms / 1000} s ahead` : null],
  ]);
  const still = ["off", "exporting", "at_rest", "quarantined"];
  section.querySelector("[data-act=try]").disabled = still.includes(told.state);
  section.querySelector("[data-act=retry]").disabled = !told.parked;
  // What somebody is about to press, or types a reason into, is not taken away.
  const text = JSON.stringify(parked);
  if (text === shownParked || section.querySelector("td form")) return;
  shownParked = text;
  showParked(section.querySelector(".scroll"), parked);
}

let shownParked = "";

function showParked(place, parked) {
  if (!parked.items.length) return place.replaceChildren();
  const again = (item) => act(() => ask("POST", `/upstream/parked/${item.event}/retry`));
  const rows = parked.items.map((item) => make("tr", {},
    make("td", {}, item.subject, make("div", { class: "soft" }, item.type)),
    make("td", {}, item.reason,
      item.followers ? make("div", { class: "soft" }, `${item.followers} later of it wait behind it`) : null),
    make("td", {}, moment(item.parked)),
    make("td", {}, make("div", { class: "acts" },
      make("button", { type: "button", click: () => again(item) }, "Tell again"),
      make("button", { type: "button", class: "loss", click: (event) => askReason(event.target, item) }, "Give up …")))));
  const heads = ["Subject", "Why billing does not take it", "Set aside", "What to do"];
  const head = heads.map((name) => make("th", { scope: "col" }, name));
  place.replaceChildren(make("table", {},
    make("caption", {}, parked.next ? "The first that are set aside" : "Set aside"),
    make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows)));
}

/** Giving up wants a reason, which the audit trail keeps. */
function askReason(button, item) {
  const acts = button.closest(".acts");
  const reason = make("input", { id: `reason-${item.event}`, required: true, maxlength: "1000", autocomplete: "off" });
  const why = `Why billing shall not hear of this event of ${item.subject}`;
  const form = make("form", {},
    make("div", {}, make("label", { for: reason.id }, why), reason),
    make("button", { type: "submit", class: "loss" }, "Give up"),
    make("button", { type: "button", click: () => { form.remove(); acts.hidden = false; button.focus(); } }, "Keep"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(async () => {
      await ask("POST", `/upstream/parked/${item.event}/drop`, { reason: reason.value });
      form.remove();
      find("billing-title").focus();
    });
  });
  acts.hidden = true;
  acts.after(form);
  reason.focus();
}

function certificate(tls) {
  if (tls.standing === "off") return "off: the box speaks plain HTTP";
  if (!tls.certificate) return "none: handshakes are refused";
  return `${tls.source}, ${words(tls.certificate.validity)}, to ${moment(tls.certificate.not_after)}`;
}

function showBox(told) {
  const { box, database, counts, backup, overrides, tls } = told;
  find("title").textContent = box.title;
  document.title = `${box.title} – orgbox`;
  const attention = find("attention");
  const lines = [
    ...told.faults.map((fault) => [words(fault.name), fault.remedy]),
    ...told.attention.map((line) => [`${line.part}: ${line.says}`, line.remedy]),
  ];
  attention.hidden = !lines.length;
  attention.querySelector("ul").replaceChildren(...lines.map(([says, remedy]) =>
    make("li", {}, says, make("div", { class: "soft" }, inline(remedy)))));
  find("box").hidden = false;
  const problems = overrides.problems.map((problem) => make("div", { class: "bad" }, problem));
  const { last, kept } = backup || {};
  const stored = size(database.database_bytes + database.wal_bytes);
  const free = database.disk_free_bytes === null ? "" : `; ${size(database.disk_free_bytes)} free on its disk`;
  terms(find("box").querySelector("dl"), [
    ["Serving", told.ready ? `ready, for ${age(box.uptime_seconds)}` : "not ready"],
    ["Version", `orgbox ${box.version}`],
    ["Database", `${database.path}, ${stored}${free}`],
    ["Holds", Object.entries(counts).map(([name, count]) => `${count} ${words(name)}`).join(", ")],
    ["Configuration", make("div", {}, `${words(overrides.standing)} since ${moment(overrides.since)}`,
      problems.length ? `; the last good one since ${moment(overrides.last_good_since)}` : null, problems)],
    ["Backup", last ? `${age(last.age_seconds)} ago, ${size(last.bytes)}; ${kept} kept` : "none yet"],
    ["Certificate", certificate(tls)],
  ]);
}

const asked = { search: "", next: null };

async function listOrganizations(more) {
  const button = find("organizations").querySelector(".more");
  button.disabled = true;
  try {
    await fetchOrganizations(more);
  } finally {
    button.disabled = false;
  }
}

async function fetchOrganizations(more) {
  const search = new URLSearchParams({ limit: "50" });
  if (asked.search) search.set("search", asked.search);
  if (more && asked.next) search.set("cursor", asked.next);
  const wanted = asked.search;
  const page = await ask("GET", `/organizations?${search}`);
  // What was typed meanwhile has an answer of its own.
  if (wanted !== asked.search) return;
  asked.next = page.next;
  const place = find("organizations").querySelector(".scroll");
  const show = (org) => () => act(() => showOrganization(org.id), true);
  const rows = page.items.map((org) => make("tr", {},
    make("td", { class: "number" }, String(org.id)),
    make("td", {}, make("button", { type: "button", class: "link", click: show(org) }, org.title)),
    make("td", {}, org.name), make("td", {}, plain(org.owner)),
    make("td", { class: "number" }, `${org.camera_count} of ${org.camera_limit}`),
    make("td", { class: "number" }, `${org.user_count} of ${org.user_limit}`),
    make("td", { class: "number" }, `${org.dvr_used_gb} of ${org.dvr_limit_gb} GB`),
    make("td", { class: "number" }, `${org.purge_days} days`)));
  if (more && place.querySelector("tbody")) place.querySelector("tbody").append(...rows);
  else {
    const heads = [["Id", 1], ["Title"], ["Name"], ["Owner"], ["Cameras", 1], ["Users", 1], ["Footage", 1], ["Kept", 1]];
    const head = heads.map(([name, number]) => make("th", { scope: "col", class: number ? "number" : false }, name));
    place.replaceChildren(rows.length
      ? make("table", { "aria-labelledby": "organizations-title" },
        make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows))
      : make("p", { class: "soft" }, "None that you may see."));
  }
  find("organizations").querySelector(".more").hidden = !page.next;
}

/** One organization: each value with where it is from. */
async function showOrganization(id) {
  const org = await ask("GET", `/organizations/${id}`);
  const place = find("organizations").querySelector(".one");
  const stored = (told) => (told.stored === undefined ? "" : `; stored: ${plain(told.stored)}`);
  const from = (told) =>
    `${told.source === "file" ? `file ${told.file}, line ${told.line}` : words(told.source)}${stored(told)}`;
  const rows = Object.entries(org.values || {}).map(([name, told]) => make("tr", {},
    make("td", {}, words(name)), make("td", {}, plain(told.value)), make("td", { class: "soft" }, from(told))));
  const head = ["Value", "Is", "From"].map((name) => make("th", { scope: "col" }, name));
  place.replaceChildren(make("div", {},
    make("h3", { tabindex: "-1", id: "one-title" }, `${org.title} (${org.name}, ${org.id})`),
    org.hold ? make("p", { class: "wary" }, `Under legal hold: ${org.hold.reason}`) : null,
    make("table", { "aria-labelledby": "one-title" },
      make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows))));
  place.hidden = false;
  place.querySelector("h3").focus();
}

/** Shows what went wrong. A look that succeeds takes away only what a look has shown. */
function trouble(error, of) {
  if (error === STALE) return;
  if (error && error.status === 401) return leave(error.message);
  const place = find("trouble");
  if (!error && of === "look" && place.dataset.of !== "look") return;
  place.textContent = error ? error.message : "";
  place.dataset.of = of;
}

/** Does something and shows what became of it. */
async function act(work, quiet) {
  try {
    await work();
    trouble(null, "act");
    if (!quiet) await refresh();
  } catch (error) {
    trouble(error, "act");
  }
}

async function refresh() {
  const [status, parked] = await Promise.all([ask("GET", "/status"), ask("GET", "/upstream/parked?limit=50")]);
  showBox(status);
  showBilling(status.upstream, parked);
}

let timer = 0;

/** Looks again and again while somebody looks at it. */
function keepLooking() {
  const looker = signed;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (looker === signed && document.visibilityState === "visible") {
      await refresh().then(() => trouble(null, "look"), (error) => trouble(error, "look"));
    }
    if (signed && looker === signed) keepLooking();
  }, REFRESH_MS);
}

/** Nothing of who was here stays. */
function leave(why) {
  signed = null;
  clearTimeout(timer);
  [shownParked, asked.search, asked.next] = ["", "", null];
  for (const input of document.querySelectorAll("input")) input.value = "";
  for (const place of document.querySelectorAll("#who, #trouble")) place.textContent = "";
  const shown = document.querySelectorAll("#inside dl, #inside .scroll, #inside .one, #inside ul");
  for (const place of shown) place.replaceChildren();
  find("organizations").querySelector(".one").hidden = true;
  find("refused").textContent = why || "";
  for (const [id, hidden] of [["enter", false], ["inside", true], ["leave", true]]) find(id).hidden = hidden;
  find("title").textContent = document.title = "orgbox";
  find("login").focus();
}

find("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const key = find("key").value.trim();
  const pair = new TextEncoder().encode(`${find("login").value}:${find("password").value}`);
  signed = { credential: key ? `Bearer ${key}` : `Basic ${btoa(String.fromCharCode(...pair))}` };
  try {
    const who = await ask("GET", "/whoami");
    for (const id of ["password", "key"]) find(id).value = "";
    find("who").textContent = `${who.login}, ${words(who.role)}`;
    for (const [id, hidden] of [["enter", true], ["inside", false], ["leave", false]]) find(id).hidden = hidden;
    for (const id of ["attention", "billing", "box"]) find(id).hidden = true;
    find("title").focus();
    const all = who.role !== "user";
    if (all) keepLooking();
    await act(() => listOrganizations(false), !all);
  } catch (error) {
    if (error === STALE) return;
    const login = find("login").value;
    leave(error.message);
    find("login").value = login;
  }
});
find("leave").addEventListener("click", () => leave(""));
find("organizations").querySelector(".more").addEventListener("click", () => act(() => listOrganizations(true), true));
find("organizations").querySelector("form").addEventListener("submit", (event) => event.preventDefault());
find("search").addEventListener("input", () => {
  asked.search = find("search").value.trim();
  act(() => listOrganizations(false), true);
});
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => act(() => ask("POST", `/upstream/${button.dataset.act}`)));
}
find("unencrypted").hidden =
  location.protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
leave("");
