// Uses the console as a person does, and prints what was seen as one JSON object.
// node console.mjs FOLDER-WITH-node_modules CHROMIUM URL LOGIN PASSWORD GUEST PASSWORD
import { createRequire } from "node:module";
import path from "node:path";

const [place, executablePath, url, login, password, guest, guestPassword] = process.argv.slice(2);
const { chromium } = createRequire(path.join(path.resolve(place), "x"))("playwright-core");
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args: quiet });
const seen = { errors: [], elsewhere: [] };
try {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.setDefaultTimeout(30_000);
  // The browser's own line about a refused request is no error of the page.
  const ofRefusal = (line) => /status of 401/.test(line.text());
  page.on("console", (line) => line.type() === "error" && !ofRefusal(line) && seen.errors.push(line.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("dialog", (dialog) => { seen.errors.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => request.url().startsWith(url) || seen.elsewhere.push(request.url()));
  const rows = (section) => page.locator(`#${section} tbody tr`);
  const isSo = ([what, wanted]) => document.querySelectorAll(what).length === wanted;
  const until = (what, wanted) => page.waitForFunction(isSo, [what, wanted]);

  await page.goto(url);
  seen.at = page.url().slice(url.length);
  await page.fill("#login", login);
  await page.fill("#password", "not the password");
  await page.click("#enter button");
  await page.waitForFunction(() => document.getElementById("refused").textContent);
  seen.refused = await page.textContent("#refused");

  await page.fill("#password", password);
  await page.click("#enter button");
  await rows("organizations").first().waitFor();
  await rows("billing").first().waitFor();
  seen.who = await page.textContent("#who");
  seen.first_page = await rows("organizations").count();
  await page.click(".more");
  await until("#organizations tbody tr", 53);
  seen.state = await page.textContent("#billing dd");
  seen.parked = await rows("billing").count();
  seen.reason = await rows("billing").first().locator("td").nth(1).textContent();
  seen.too_wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

  await page.fill("#search", "<img");
  await until("#organizations tbody tr", 1);
  await page.click("#organizations button.link");
  await page.waitForSelector(".one table");
  seen.title = await page.textContent(".one h3");
  seen.purge = await page.locator(".one tr", { hasText: "purge days" }).first().locator("td").allTextContents();
  seen.hold = await page.textContent(".one p");
  seen.images = await page.locator("img").count();

  await page.locator("#billing button.loss").first().click();
  await page.fill("#billing td form input", "Billed by hand, ticket 17");
  await page.click("#billing td form button.loss");
  await until("#billing tbody tr", 1);
  await page.locator("#billing td button").first().click();
  await until("#billing tbody tr", 0);

  // An answer that comes when nobody is signed in any more, or somebody else, is nobody's.
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route("**/orgbox/v1/status", async (route) => { await held; await route.continue(); });
  const late = page.waitForResponse("**/orgbox/v1/status");
  await page.waitForRequest("**/orgbox/v1/status");
  await page.click("#leave");
  seen.left = await page.isVisible("#enter") && !await page.isVisible("#inside");
  seen.kept = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }));
  const texts = () => [...document.querySelectorAll("td, dd, input")].map((at) => at.textContent + (at.value || ""));
  seen.remains = (await page.evaluate(texts)).join("");
  await page.fill("#login", guest);
  await page.fill("#password", guestPassword);
  await page.click("#enter button");
  await page.waitForFunction(() => document.getElementById("who").textContent);
  release();
  await late;
  await page.waitForLoadState("networkidle");
  seen.guest = await page.textContent("#who");
  seen.guest_sees = await page.locator("#billing:visible, #box:visible, #attention:visible").count();
  seen.guest_trouble = await page.textContent("#trouble");
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
