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

let credential = null;

/** Asks the box. A refusal throws its own sentence. */
async function ask(method, path, body) {
  const headers = { authorization: credential, accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  // Without `omit` a browser would ask for a password itself after a 401.
  const answer = await fetch("/orgbox/v1" + path, {
    method, headers, credentials: "omit", cache: "no-store",
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => { throw new Error("The box does not answer."); });
  const text = await answer.text();
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
  if (told.next_try) return moment(told.next_try);
  return told.queue.events ? "now: a request is under way" : "as soon as there is something to send";
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
    ["Waiting", events ? `${events} events, ${size(bytes)}; ${since}` : "nothing"],
    ["", told.telling_everything ? "the full state is being told" : null],
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
  // A reason that is being typed is not taken away.
  if (!section.querySelector("td form")) showParked(section.querySelector(".scroll"), parked);
}

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
  const heads = ["Subject", "Why billing does not take it", "Set aside", ""];
  const head = heads.map((name) => make("th", { scope: "col" }, name));
  place.replaceChildren(make("table", {},
    make("caption", {}, parked.next ? "The first that are set aside" : "Set aside"),
    make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows)));
}

/** Giving up wants a reason, which the audit trail keeps. */
function askReason(button, item) {
  const acts = button.closest(".acts");
  const reason = make("input", { id: `reason-${item.event}`, required: true, maxlength: "500", autocomplete: "off" });
  const why = `Why ${item.subject} is given up; billing never hears of it`;
  const form = make("form", {},
    make("div", {}, make("label", { for: reason.id }, why), reason),
    make("button", { type: "submit", class: "loss" }, "Give up"),
    make("button", { type: "button", click: () => { form.remove(); acts.hidden = false; } }, "Keep"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(async () => {
      await ask("POST", `/upstream/parked/${item.event}/drop`, { reason: reason.value });
      form.remove();
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
  terms(find("box").querySelector("dl"), [
    ["Serving", told.ready ? `ready, for ${age(box.uptime_seconds)}` : "not ready"],
    ["Version", `orgbox ${box.version}`],
    ["Database", `${database.path}, ${stored}; ${size(database.disk_free_bytes)} free on its disk`],
    ["Holds", Object.entries(counts).map(([name, count]) => `${count} ${words(name)}`).join(", ")],
    ["Configuration", make("div", {}, `${words(overrides.standing)} since ${moment(overrides.since)}`,
      overrides.last_good_since ? `; the last good one since ${moment(overrides.last_good_since)}` : null, problems)],
    ["Backup", last ? `${age(last.age_seconds)} ago, ${size(last.bytes)}; ${kept} kept` : "none yet"],
    ["Certificate", certificate(tls)],
  ]);
}

const asked = { search: "", next: null };

async function listOrganizations(more) {
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
      ? make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows))
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
    (told.source === "file" ? `file ${told.file}, line ${told.line}${stored(told)}` : told.source);
  const rows = Object.entries(org.values || {}).map(([name, told]) => make("tr", {},
    make("td", {}, words(name)), make("td", {}, plain(told.value)), make("td", { class: "soft" }, from(told))));
  const head = ["Value", "", "From"].map((name) => make("th", { scope: "col" }, name));
  place.replaceChildren(make("div", {},
    make("h3", { tabindex: "-1" }, `${org.title} (${org.name}, ${org.id})`),
    org.hold ? make("p", { class: "wary" }, `Under legal hold: ${org.hold.reason}`) : null,
    make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows))));
  place.hidden = false;
  place.querySelector("h3").focus();
}

const trouble = (error) => {
  if (error && error.status === 401) return leave(error.message);
  find("trouble").textContent = error ? error.message : "";
};

/** Does something and shows what became of it. */
async function act(work, quiet) {
  try {
    await work();
    trouble(null);
    if (!quiet) await refresh();
  } catch (error) {
    trouble(error);
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
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (credential && document.visibilityState === "visible") {
      await refresh().then(() => trouble(null), trouble);
    }
    if (credential) keepLooking();
  }, REFRESH_MS);
}

function leave(why) {
  credential = null;
  clearTimeout(timer);
  find("who").textContent = "";
  find("refused").textContent = why || "";
  for (const [id, hidden] of [["enter", false], ["inside", true], ["leave", true]]) find(id).hidden = hidden;
  find("title").textContent = document.title = "orgbox";
  const shown = document.querySelectorAll("#inside dl, #inside .scroll, #inside .one, #inside ul");
  for (const place of shown) place.replaceChildren();
  find("login").focus();
}

find("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const key = find("key").value.trim();
  const pair = new TextEncoder().encode(`${find("login").value}:${find("password").value}`);
  credential = key ? `Bearer ${key}` : `Basic ${btoa(String.fromCharCode(...pair))}`;
  try {
    const who = await ask("GET", "/whoami");
    for (const id of ["password", "key"]) find(id).value = "";
    find("who").textContent = `${who.login}, ${words(who.role)}`;
    for (const [id, hidden] of [["enter", true], ["inside", false], ["leave", false]]) find(id).hidden = hidden;
    const all = who.role !== "user";
    for (const id of ["attention", "billing", "box"]) find(id).hidden = true;
    await act(() => listOrganizations(false), !all);
    if (all) keepLooking();
  } catch (error) {
    leave(error.message);
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
