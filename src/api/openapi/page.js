"use strict";
// Shows the OpenAPI document. Everything is set as text, never as markup: descriptions are data.

const find = (id) => document.getElementById(id);

/** An element with attributes and children; a text is a child too. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

let whole = {};

/** What a reference names, or the value itself. */
function resolved(value) {
  if (!value || !value.$ref) return value;
  return value.$ref.slice(2).split("/").reduce((at, part) => at[part.replace("~1", "/").replace("~0", "~")], whole);
}

const nameOf = (value) => (value && value.$ref ? value.$ref.split("/").pop() : "");

/** Texts between backquotes as code. */
const inline = (line) => line.split(/`([^`]+)`/).map((part, place) => (place % 2 ? make("code", {}, part) : part));

/** Blank lines as paragraphs, lines that begin with a dash as a list. */
function prose(text) {
  const blocks = [];
  for (const block of (text || "").split(/\n\s*\n/)) {
    const [lead, ...items] = block.split(/\n(?=- )|^(?=- )/);
    const parts = lead.startsWith("- ") ? [lead, ...items] : items;
    if (!lead.startsWith("- ") && lead.trim()) blocks.push(make("p", {}, inline(lead.replace(/\n/g, " "))));
    if (parts.length) {
      blocks.push(make("ul", {}, parts.map((item) => make("li", {}, inline(item.slice(2).replace(/\n\s*/g, " "))))));
    }
  }
  return blocks;
}

/** What a value must be, in a few words. */
function typeOf(schema) {
  if (schema === true || !schema) return "anything";
  if (schema.$ref) return nameOf(schema);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.anyOf && !schema.properties) {
    return schema.anyOf.map((way) => typeOf(schema.type ? { type: schema.type, ...way } : way)).join(" or ");
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const words = [[].concat(schema.type || "anything").join(" or ")];
  if (schema.type === "array") words[0] = `array of ${typeOf(schema.items)}`;
  if (schema.format) words.push(schema.format);
  const { minimum: least, maximum: most } = schema;
  if (least !== undefined) words.push(most === undefined ? `from ${least}` : `${least} to ${most}`);
  if (schema.minLength) words.push(`at least ${schema.minLength} characters`);
  if (schema.maxLength) words.push(`at most ${schema.maxLength} characters`);
  return words.join(", ");
}

/** What a value is for: its own words, or those of the first of several forms. */
function meaning(schema) {
  const shown = resolved(schema) || {};
  return shown.description || (shown.anyOf || []).map(meaning).find(Boolean) || "";
}

/** The members of an object, and of what it holds. What has a name is shown where it first stands. */
function members(schema, seen = new Set()) {
  const name = nameOf(schema);
  const shown = resolved(schema) || {};
  if (name && seen.has(name)) return null;
  if (name) seen.add(name);
  if (shown.type === "array") return members(shown.items, seen);
  if (shown.anyOf && !shown.properties) {
    const ways = shown.anyOf.map((way) => members(way, seen)).filter(Boolean);
    const told = ways.flatMap((way, place) => [place ? make("div", { class: "hint" }, "or") : null, way]);
    return ways.length > 1 ? make("div", {}, told.filter(Boolean)) : ways[0] || null;
  }
  if (!shown.properties) return null;
  const needed = shown.required || [];
  return make("div", { class: "schema" }, Object.entries(shown.properties).map(([key, value]) => make("div", {},
    make("code", {}, key), " ",
    needed.includes(key) ? null : make("span", { class: "type" }, "optional "),
    make("span", { class: "type" }, typeOf(value)),
    meaning(value) ? inline(` — ${meaning(value)}`) : null,
    members(value, seen),
  )));
}

const written = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** A body: its media types, its schema, its examples. */
function content(media) {
  const parts = [];
  let shown = "";
  for (const [type, { schema, examples }] of Object.entries(media || {})) {
    parts.push(make("p", { class: "hint" }, make("code", {}, type), nameOf(schema) ? ` ${nameOf(schema)}` : ""));
    const tree = JSON.stringify(schema) === shown ? null : members(schema);
    shown = JSON.stringify(schema);
    if (tree) parts.push(tree);
    for (const { summary, value } of Object.values(examples || {})) {
      parts.push(make("p", { class: "hint" }, summary || "Example"), make("pre", { tabindex: "0" }, written(value)));
    }
  }
  return parts;
}

function parameters(operation) {
  const all = (operation.parameters || []).map(resolved);
  if (!all.length) return [];
  const row = (parameter) => make("tr", {},
    make("td", {}, make("code", {}, parameter.name), parameter.required ? make("span", { class: "need" }, " needed") : null),
    make("td", {}, parameter.in),
    make("td", {}, typeOf(parameter.schema)),
    make("td", {}, inline(parameter.description || "")),
  );
  const head = make("tr", {}, ["Name", "In", "Value", "Meaning"].map((name) => make("th", { scope: "col" }, name)));
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, all.map(row)));
  const scroll = { class: "scroll", tabindex: "0", role: "group", "aria-label": "Parameters" };
  return [make("h4", {}, "Parameters"), make("div", scroll, table)];
}

function answers(operation) {
  return Object.entries(operation.responses).map(([status, response]) => {
    const shown = resolved(response);
    const headers = Object.keys(shown.headers || {}).join(", ");
    return make("details", { class: "answer" },
      make("summary", {}, make("span", { class: `status ${status < 400 ? "ok" : "no"}` }, status), make("span", {}, inline(shown.description))),
      make("div", { class: "inner" }, headers ? make("p", { class: "hint" }, `Headers: ${headers}`) : null,
        content(shown.content)),
    );
  });
}

const quoted = (text) => `'${String(text).replace(/'/g, "'\\''")}'`;

/** How each way to prove who asks looks on a command line. */
function credential(requirement) {
  return Object.keys(requirement || {}).map((name) => {
    const scheme = whole.components.securitySchemes[name];
    if (scheme.scheme === "basic") return "-u 'LOGIN:PASSWORD'";
    if (scheme.scheme === "bearer") return "-H 'authorization: Bearer TOKEN'";
    return `-H ${quoted(`${scheme.name}: ${scheme.name === "Authorization" ? "ApiKey KEY" : "VALUE"}`)}`;
  });
}

function curl(method, path, operation) {
  const all = (operation.parameters || []).map(resolved);
  const parts = ["curl", method === "get" ? null : `-X ${method.toUpperCase()}`, ...credential((operation.security || [])[0])];
  for (const parameter of all.filter((parameter) => parameter.in === "header" && parameter.required)) {
    parts.push(`-H ${quoted(`${parameter.name}: ${(parameter.schema.enum || ["VALUE"])[0]}`)}`);
  }
  const [type, media] = Object.entries((operation.requestBody || {}).content || {})[0] || [];
  if (type) {
    const value = (Object.values(media.examples || {})[0] || {}).value;
    if (type.includes("form")) {
      for (const [key, item] of Object.entries(value || {})) {
        for (const one of [].concat(item)) parts.push(`--data-urlencode ${quoted(`${key}=${one}`)}`);
      }
    } else {
      parts.push(`-H 'content-type: ${type}'`, `-d ${quoted(JSON.stringify(value === undefined ? {} : value))}`);
    }
  }
  parts.push(quoted(location.origin + path.replace(/\{(\w+)\}/g, (_, name) => name.toUpperCase())));
  return parts.filter(Boolean).join(" ");
}

function security(operation) {
  const ways = operation.security || [];
  if (!ways.length) return make("p", {}, "No credentials.");
  const named = (way) => Object.keys(way).map((name) => {
    const scheme = whole.components.securitySchemes[name];
    return make("li", {}, make("code", {}, name), ` — ${scheme.description || scheme.type}`);
  });
  const optional = ways.some((way) => !Object.keys(way).length);
  const text = (way) => Object.keys(way).join(" with ");
  const lines = [...new Set(ways.flatMap((way) => Object.keys(way)))].map((name) => named({ [name]: [] })).flat();
  const together = ways.filter((way) => Object.keys(way).length > 1).map(text);
  return make("div", {}, make("p", {}, optional ? "Credentials may be absent; one of:" : "One of:"), make("ul", {}, lines),
    together.length ? make("p", {}, `Together: ${together.join(", ")}.`) : null);
}

/** Everything about one operation; built when it is opened for the first time. */
function inner(method, path, operation) {
  const command = curl(method, path, operation);
  const copy = make("button", { type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command);
      copy.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(copy.previousSibling);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      copy.textContent = "Selected";
    }
  });
  return [prose(operation.description),
    make("h4", {}, "On a command line"),
    make("div", { class: "command" }, make("pre", { tabindex: "0" }, command), copy),
    make("h4", {}, "Credentials"), security(operation),
    parameters(operation),
    operation.requestBody ? [make("h4", {}, operation.requestBody.required ? "Body" : "Body, may be absent"),
      content(operation.requestBody.content)] : [],
    make("h4", {}, "Answers"), answers(operation)].flat(2);
}

function entry(method, path, operation) {
  const body = make("div", { class: "inner" });
  const details = make("details", { id: operation.operationId },
    make("summary", {}, make("h3", {}, make("span", { class: `method ${method}` }, method.toUpperCase()),
      make("code", { class: "path" }, path), make("span", { class: "says" }, operation.summary))),
    body);
  details.addEventListener("toggle", () => {
    if (details.open && !body.hasChildNodes()) body.append(...inner(method, path, operation));
  });
  const link = make("li", {}, make("a", { href: `#${operation.operationId}` },
    make("span", { class: `method ${method}` }, method.toUpperCase()), operation.summary));
  const aliases = (operation["x-aliases"] || []).join(" ");
  const words = `${method} ${path} ${aliases} ${operation.summary} ${operation.description} ${operation.tags}`.toLowerCase();
  return { details, link, words };
}

function dialect(tag, operations) {
  const entries = operations.map(([method, path, operation]) => entry(method, path, operation));
  const about = make("details", { class: "about" }, make("summary", {}, "About this dialect"),
    make("div", { class: "inner" }, prose(tag.description)));
  const section = make("section", { class: "dialect", id: `dialect-${tag.name}` },
    make("h2", {}, tag["x-title"] || tag.name, " ", make("small", {}, tag.name)), about,
    entries.map(({ details }) => details));
  const part = make("div", {}, make("h2", {}, make("a", { href: `#dialect-${tag.name}` }, tag["x-title"] || tag.name)),
    make("ul", {}, entries.map(({ link }) => link)));
  return { section, part, entries };
}

/** Opens what the address names. */
function open() {
  const target = find(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") target.open = true;
  if (target) target.scrollIntoView();
}

function show(document_) {
  whole = document_;
  find("version").textContent = `version ${whole.info.version}`;
  const all = whole.tags.map((tag) => dialect(tag, Object.entries(whole.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([, operation]) => operation.tags.includes(tag.name))
      .map(([method, operation]) => [method, path, operation]))));
  find("main").replaceChildren(make("div", {}, prose(whole.info.description)), ...all.map(({ section }) => section));
  find("index").replaceChildren(...all.map(({ part }) => part));
  const filter = () => {
    const wanted = find("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { section, part, entries } of all) {
      let here = 0;
      for (const { details, link, words } of entries) {
        const fits = wanted.every((word) => words.includes(word));
        details.hidden = link.hidden = !fits;
        here += fits;
      }
      section.hidden = part.hidden = !here;
      count += here;
    }
    find("count").textContent = `${count} operation${count === 1 ? "" : "s"}`;
  };
  find("filter").addEventListener("input", filter);
  find("search").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", open);
  filter();
  open();
}

fetch("/openapi.json").then((answer) => {
  if (!answer.ok) throw new Error(`the box answered ${answer.status}`);
  return answer.json();
}).then(show).catch((error) => {
  find("state").textContent = `The document could not be read: ${error.message}. Reload the page to try again.`;
});
