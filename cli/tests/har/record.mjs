// Records the fixtures in this folder with the HAR export of the developer tools of Chromium and Firefox. Run it here:
//
//     node --experimental-websocket record.mjs chromium    (Node 20; later versions need no option)
//     node record.mjs firefox                              (needs geckodriver in the search path)
//
// BROWSER.har: requests of a page on http; BROWSER-secure.har: of a page on https; chromium-sanitized.har: Chromium's export without
// sensitive data. BROWSER.json: for each case, by the name in the URL, whether the page could read the response, and the lines of the
// console. The tests expect what the page saw.
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [browser] = process.argv.slice(2);
const out = ".";
const PAGE = 8801, API = 8802, SECOND = 8803, TLS = 8804, CLOSED = 8809;
const page = `http://app.localhost:${PAGE}`;
const api = `http://app.localhost:${API}`;
const second = `http://second.localhost:${SECOND}`;
const secure = `https://secure.localhost:${TLS}`;

const ORIGIN = { "access-control-allow-origin": page };
const CREDENTIALS = { ...ORIGIN, "access-control-allow-credentials": "true" };
// For each case: the response to the preflight, and to the request: [status, headers].
const none = [200, {}];
const rules = {
  "allowed": { actual: [200, { ...ORIGIN, "access-control-expose-headers": "x-total", "x-total": "3", "x-hidden": "1" }] },
  "any-origin": { actual: [200, { "access-control-allow-origin": "*" }] },
  "missing": { actual: none },
  "missing-xhr": { actual: none },
  "error-without-headers": { actual: [500, {}] },
  "not-found-without-headers": { actual: [404, {}] },
  "wildcard-with-credentials": { actual: [200, { "access-control-allow-origin": "*", "access-control-allow-credentials": "true" }] },
  "other-origin": { actual: [200, { "access-control-allow-origin": "https://app.example.com" }] },
  "trailing-slash": { actual: [200, { "access-control-allow-origin": `${page}/` }] },
  "two-origins": { actual: [200, { "access-control-allow-origin": `${page}, https://app.example.com` }] },
  "sent-twice": { actual: [200, { "access-control-allow-origin": ["*", page] }] },
  "credentials-missing": { actual: [200, ORIGIN] },
  "credentials-allowed": { actual: [200, { ...CREDENTIALS, "set-cookie": "session=secret-cookie" }] },
  "credentials-again": { actual: [200, CREDENTIALS] },
  "preflight-403": { preflight: [403, {}], actual: [200, ORIGIN] },
  "preflight-401": { preflight: [401, { "www-authenticate": "Basic" }], actual: [200, ORIGIN] },
  "preflight-404": { preflight: [404, {}], actual: [200, ORIGIN] },
  "preflight-500-with-headers": { preflight: [500, { ...ORIGIN, "access-control-allow-methods": "PUT" }], actual: [200, ORIGIN] },
  "preflight-redirect": { preflight: [301, { ...ORIGIN, location: `${api}/?case=allowed` }], actual: [200, ORIGIN] },
  "method-missing": { preflight: [204, { ...ORIGIN, "access-control-allow-methods": "GET, POST" }], actual: [200, ORIGIN] },
  "patch-in-lower-case": { preflight: [204, { ...ORIGIN, "access-control-allow-methods": "PATCH" }], actual: [200, ORIGIN] },
  "header-missing": { preflight: [204, { ...ORIGIN, "access-control-allow-headers": "content-type" }], actual: [200, ORIGIN] },
  "json-without-content-type": { preflight: [204, ORIGIN], actual: [200, ORIGIN] },
  "quoted-headers": { preflight: [204, { ...ORIGIN, "access-control-allow-headers": "\"x-custom\"" }], actual: [200, ORIGIN] },
  "authorization-wildcard": { preflight: [204, { ...ORIGIN, "access-control-allow-headers": "*" }], actual: [200, ORIGIN] },
  "authorization-missing": { preflight: [204, { ...ORIGIN, "access-control-allow-headers": "x-custom" }], actual: [200, ORIGIN] },
  "wildcard-methods-with-credentials": { preflight: [204, { ...CREDENTIALS, "access-control-allow-methods": "*" }], actual: [200, CREDENTIALS] },
  "preflight-allowed": { preflight: [204, { ...ORIGIN, "access-control-allow-methods": "PUT", "access-control-max-age": "60" }], actual: [200, ORIGIN] },
  "actual-missing-after-preflight": { preflight: [204, { ...ORIGIN, "access-control-allow-methods": "PUT", "access-control-max-age": "0" }], actual: none },
  "preflight-in-cache": { preflight: [204, { ...ORIGIN, "access-control-allow-methods": "DELETE", "access-control-max-age": "60" }], actual: none },
  "redirect-without-headers": { actual: [302, { location: `${api}/?case=allowed` }] },
  "redirect-allowed": { actual: [302, { ...ORIGIN, location: `${api}/?case=allowed&after=redirect` }] },
  "redirect-to-second": { actual: [302, { ...ORIGIN, location: `${second}/?case=allowed&after=second` }] },
  "redirect-to-any": { actual: [302, { ...ORIGIN, location: `${second}/?case=any-origin&after=any` }] },
  "image": { actual: none }, "script": { actual: none }, "script-crossorigin": { actual: none }, "no-cors": { actual: none }, "font": { actual: none },
  "corp-image": { actual: [200, { "cross-origin-resource-policy": "same-origin" }] },
  "event-source": { actual: [200, { "content-type": "text/event-stream" }] },
  "aborted": { hang: true }, "dropped": { drop: true }, "csp": { actual: [200, ORIGIN] }, "frame": { actual: none },
  "mixed-content": { actual: [200, { "access-control-allow-origin": "*" }] },
  "same-origin": { actual: none },
  "cross-site-credentials": { actual: [200, { "access-control-allow-origin": "*" }] },
};

function respond(request, response) {
  const url = new URL(request.url, "http://x");
  const rule = rules[url.searchParams.get("case")];
  if (!rule) { response.writeHead(404); return response.end(); }
  if (rule.hang) return;
  if (rule.drop) return request.socket.destroy();
  const isPreflight = request.method === "OPTIONS" && request.headers["access-control-request-method"];
  const [status, headers] = (isPreflight ? rule.preflight : rule.actual) ?? none;
  response.writeHead(status, { "cache-control": "no-store", "content-type": "text/plain", ...headers });
  response.end(status === 204 ? undefined : "{}");
}

// Runs in the page.
async function run(api, second, closed, page) {
  const results = {};
  const read = async (name, url, options = {}) => {
    const suffix = url.includes("?") ? "" : `/?case=${name}`;
    try { const r = await fetch(url + suffix, options); await r.text(); results[name] = r.type === "opaque" ? "opaque" : "readable"; }
    catch (error) { results[name] = error.name === "AbortError" ? "aborted" : "blocked"; }
  };
  const put = { method: "PUT" }, include = { credentials: "include" }, custom = { headers: { "x-custom": "1" } };
  await read("allowed", api);
  await read("any-origin", api);
  await read("missing", api);
  await new Promise((done) => {
    const xhr = new XMLHttpRequest();
    xhr.onload = () => { results["missing-xhr"] = "readable"; done(); };
    xhr.onerror = () => { results["missing-xhr"] = "blocked"; done(); };
    xhr.open("GET", `${api}/?case=missing-xhr`); xhr.send();
  });
  await read("error-without-headers", api);
  await read("not-found-without-headers", api);
  await read("wildcard-with-credentials", api, include);
  await read("other-origin", api);
  await read("trailing-slash", api);
  await read("two-origins", api);
  await read("sent-twice", api);
  await read("credentials-missing", api, include);
  await read("credentials-allowed", api, include);
  await read("credentials-again", api, include);
  await read("preflight-403", api, put);
  await read("preflight-401", api, put);
  await read("preflight-404", api, put);
  await read("preflight-500-with-headers", api, put);
  await read("preflight-redirect", api, put);
  await read("method-missing", api, put);
  await read("patch-in-lower-case", api, { method: "patch" });
  await read("header-missing", api, custom);
  await read("json-without-content-type", api, { method: "POST", headers: { "content-type": "application/json" }, body: "{\"password\":\"secret-body\"}" });
  await read("quoted-headers", api, custom);
  await read("authorization-wildcard", api, { headers: { authorization: "Bearer secret-token" } });
  await read("authorization-missing", api, { headers: { authorization: "Bearer secret-token" } });
  await read("wildcard-methods-with-credentials", api, { ...put, ...include });
  await read("preflight-allowed", api, put);
  await read("actual-missing-after-preflight", api, put);
  await read("preflight-in-cache", api, { method: "DELETE" });
  await read("redirect-without-headers", api);
  await read("redirect-allowed", api);
  await read("redirect-to-second", api);
  await read("redirect-to-any", api);
  await read("no-cors", api, { mode: "no-cors" });
  const element = (name, element, set) => new Promise((done) => {
    element.onload = () => { results[name] = "opaque"; done(); };
    element.onerror = () => { results[name] = "blocked"; done(); };
    set(element); document.body.append(element);
  });
  await element("script", document.createElement("script"), (it) => { it.src = `${api}/?case=script`; });
  await element("script-crossorigin", document.createElement("script"), (it) => { it.crossOrigin = "anonymous"; it.src = `${api}/?case=script-crossorigin`; });
  await element("image", document.createElement("img"), (it) => { it.src = `${api}/?case=image`; });
  await element("corp-image", document.createElement("img"), (it) => { it.src = `${api}/?case=corp-image`; });
  await element("frame", document.createElement("iframe"), (it) => { it.src = `${api}/?case=frame`; });
  try { await new FontFace("x", `url(${api}/?case=font)`).load(); } catch { results["font"] = "blocked"; }
  await new Promise((done) => {
    const source = new EventSource(`${api}/?case=event-source`);
    source.onopen = () => { results["event-source"] = "readable"; source.close(); done(); };
    source.onerror = () => { results["event-source"] = "blocked"; source.close(); done(); };
  });
  await read("dropped", api);
  await read("refused", `${closed}/?case=refused`);
  await read("refused-preflight", `${closed}/?case=refused-preflight`, put);
  await read("no-such-host", "http://no-such-host.invalid/?case=no-such-host");
  await read("aborted", api, { signal: AbortSignal.timeout(300) }).then(() => { results["aborted"] = "aborted"; });
  await read("csp", `${second}/?case=csp`.replace("second", "forbidden"));
  await read("same-origin", page);
  await read("cross-site-credentials", second, include);
  return results;
}
const html = `<!doctype html><title>page</title><body><script>window.run = ${run}</script>`;
const policy = `connect-src 'self' ${api} ${second} http://app.localhost:${CLOSED} http://no-such-host.invalid; script-src 'unsafe-inline' 'unsafe-eval' ${api}`;

// A page on https that asks for http, and a request that the browser was told to block, as an ad blocker does.
async function runSecure() {
  const results = {};
  const read = async (name, url) => { try { await (await fetch(url)).text(); results[name] = "readable"; } catch { results[name] = "blocked"; } };
  await read("mixed-content", "http://api.example/?case=mixed-content");
  await read("blocked-by-client", "https://api.example/?case=blocked-by-client");
  return results;
}
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), "har-"));
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=secure.localhost", "-keyout", join(folder, "key"), "-out", join(folder, "cert")], { stdio: "ignore" });
  const pair = { key: readFileSync(join(folder, "key")), cert: readFileSync(join(folder, "cert")) };
  rmSync(folder, { recursive: true });
  return pair;
}

function startServers() {
  const servers = [
    createServer((request, response) => {
      if (request.url !== "/") return respond(request, response);
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy, "set-cookie": "session=secret-cookie; Path=/" }); response.end(html);
    }).listen(PAGE, "127.0.0.1"),
    createServer(respond).listen(API, "127.0.0.1"),
    createServer(respond).listen(SECOND, "127.0.0.1"),
    createTlsServer(certificate(), (_, response) => { response.writeHead(200, { "content-type": "text/html" }); response.end(`<!doctype html><title>page</title><body><script>window.run = ${runSecure}</script>`); }).listen(TLS, "127.0.0.1"),
  ];
  return servers;
}
// Writes one entry a line, without the page's own text, stack traces and timings.
function write(name, text) {
  const { log } = JSON.parse(text);
  for (const entry of log.entries) {
    if (entry._initiator) delete entry._initiator.stack;
    if (entry.response.content.mimeType === "text/html") delete entry.response.content.text;
    delete entry.timings;
  }
  const lines = log.entries.map((entry) => JSON.stringify(entry)).join(",\n");
  const { entries, ...rest } = log;
  writeFileSync(join(out, name), `{"log":${JSON.stringify(rest).slice(0, -1)},"entries":[\n${lines}\n]}}\n`);
}
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
async function until(what) { for (let i = 0; i < 300; i++) { try { const r = await what(); if (r) return r; } catch {} await wait(100); } throw new Error("timeout"); }

class Cdp {
  static async open(url) {
    const cdp = new Cdp(); cdp.next = 1; cdp.waiting = new Map(); cdp.events = [];
    cdp.socket = new WebSocket(url);
    await new Promise((done, fail) => { cdp.socket.onopen = done; cdp.socket.onerror = fail; });
    cdp.socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.id) { cdp.waiting.get(message.id)(message); cdp.waiting.delete(message.id); } else cdp.events.push(message);
    };
    return cdp;
  }
  send(method, params = {}) {
    const id = this.next++;
    return new Promise((done, fail) => {
      this.waiting.set(id, (m) => m.error ? fail(new Error(`${method}: ${JSON.stringify(m.error)}`)) : done(m.result));
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails).slice(0, 2000));
    return result.value;
  }
}

const exported = (sanitize) => `(async () => {
  const har = await import("./models/har/har.js"), logs = await import("./models/logs/logs.js");
  return JSON.stringify({ log: await har.Log.Log.build(logs.NetworkLog.NetworkLog.instance().requests(), { sanitize: ${sanitize} }) }, null, 0); })()`;

async function chromium() {
  const profile = mkdtempSync(join(tmpdir(), "har-"));
  const child = spawn("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`, "--remote-debugging-port=9333",
    "--remote-allow-origins=*", "--disable-background-networking", "--disable-component-update", "--ignore-certificate-errors", "--window-size=1200,800", "about:blank"], { stdio: "ignore" });
  try {
    const targets = await until(async () => (await (await fetch("http://127.0.0.1:9333/json")).json()).filter((t) => t.type === "page"));
    const target = targets[0];
    const tab = await Cdp.open(target.webSocketDebuggerUrl);
    await tab.send("Network.enable"); await tab.send("Network.setBlockedURLs", { urls: ["*blocked-by-client*"] });
    await tab.send("Log.enable"); await tab.send("Runtime.enable"); await tab.send("Page.enable");
    // The developer tools of the page, in a second tab.
    const front = `http://127.0.0.1:9333/devtools/inspector.html?ws=127.0.0.1:9333/devtools/page/${target.id}&panel=network`;
    const opened = await (await fetch(`http://127.0.0.1:9333/json/new?${encodeURIComponent(front)}`, { method: "PUT" })).json();
    const tools = await Cdp.open(opened.webSocketDebuggerUrl);
    await tools.send("Runtime.enable");
    await until(() => tools.evaluate(`(async () => { const l = await import("./models/logs/logs.js"); const s = await import("./core/sdk/sdk.js");
       return s.TargetManager.TargetManager.instance().primaryPageTarget() !== null && s.TargetManager.TargetManager.instance().models(s.NetworkManager.NetworkManager).length > 0; })()`));
    await wait(1500);
    await tab.send("Page.navigate", { url: `${page}/` });
    await until(() => tab.evaluate("typeof run === 'function' && document.readyState === 'complete'"));
    const results = await tab.evaluate(`run(${JSON.stringify(api)}, ${JSON.stringify(second)}, "http://app.localhost:${CLOSED}", ${JSON.stringify(page)})`);
    await wait(1500);
    for (const sanitize of [false, true]) {
      const log = await tools.evaluate(exported(sanitize));
      write(sanitize ? "chromium-sanitized.har" : "chromium.har", log);
    }
    await tab.send("Page.navigate", { url: `${secure}/` });
    await until(() => tab.evaluate("location.protocol === 'https:' && typeof run === 'function' && document.readyState === 'complete'"));
    Object.assign(results, await tab.evaluate("run()"));
    await wait(1000);
    write("chromium-secure.har", await tools.evaluate(exported(false)));
    const lines = tab.events.filter((e) => e.method === "Log.entryAdded").map((e) => e.params.entry).map((e) => ({ source: e.source, text: e.text, url: e.url }));
    const version = (await (await fetch("http://127.0.0.1:9333/json/version")).json()).Browser;
    writeFileSync(join(out, "chromium.json"), JSON.stringify({ browser: version, page, results, console: lines.filter((line) => line.source !== "network").map((line) => line.text) }, null, 2) + "\n");
  } finally { child.kill(); await wait(2000); rmSync(profile, { recursive: true, force: true, maxRetries: 5 }); }
}

async function firefox() {
  const port = 9444;
  const child = spawn("geckodriver", ["--port", String(port), "--allow-system-access"], { stdio: "inherit" });
  const call = async (path, body, method = "POST") => {
    const r = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
    const { value } = await r.json();
    if (value?.error) throw new Error(JSON.stringify(value).slice(0, 1500));
    return value;
  };
  try {
    await until(() => call("/status", undefined, "GET"));
    const { sessionId, capabilities } = await call("/session", { capabilities: { alwaysMatch: { browserName: "firefox", acceptInsecureCerts: true, timeouts: { script: 60000 },
      "moz:firefoxOptions": { binary: execFileSync("which", ["firefox-esr"]).toString().trim(), args: ["-headless"], prefs: { "devtools.cache.disabled": false } } } } });
    const s = `/session/${sessionId}`;
    try {
      await call(`${s}/url`, { url: "about:blank" });
      await call(`${s}/moz/context`, { context: "chrome" });
      const chrome = (script) => call(`${s}/execute/async`, { script: `const done = arguments[arguments.length - 1]; (async () => { ${script} })().then(done, (e) => done("ERROR " + e + e.stack));`, args: [] });
      console.log(await chrome(`
        const { require } = ChromeUtils.importESModule("resource://devtools/shared/loader/Loader.sys.mjs");
        const { gDevTools } = require("devtools/client/framework/devtools");
        const toolbox = await gDevTools.showToolboxForTab(window.gBrowser.selectedTab, { toolId: "netmonitor" });
        window.omnicorsToolbox = toolbox; return "toolbox";`));
      await call(`${s}/moz/context`, { context: "content" });
      await call(`${s}/url`, { url: `${page}/` });
      const results = await call(`${s}/execute/async`, { script: `const done = arguments[arguments.length - 1]; run(${JSON.stringify(api)}, ${JSON.stringify(second)}, "http://app.localhost:${CLOSED}", ${JSON.stringify(page)}).then(done, (e) => done(String(e)));`, args: [] });
      await wait(1500);
      await call(`${s}/moz/context`, { context: "chrome" });
      const exported = () => chrome("return JSON.stringify({ log: await window.omnicorsToolbox.getHARFromNetMonitor() }, null, 0);");
      write("firefox.har", await exported());
      await call(`${s}/moz/context`, { context: "content" });
      await call(`${s}/url`, { url: `${secure}/` });
      Object.assign(results, await call(`${s}/execute/async`, { script: "const done = arguments[arguments.length - 1]; run().then(done, (e) => done(String(e)));", args: [] }));
      await wait(1000);
      await call(`${s}/moz/context`, { context: "chrome" });
      write("firefox-secure.har", await exported());
      const lines = await chrome(`
        const storage = Cc["@mozilla.org/consoleservice;1"].getService(Ci.nsIConsoleService);
        return storage.getMessageArray().map((m) => m.QueryInterface ? String(m.errorMessage ?? m.message) : String(m)).filter((t) => /Cross-Origin/.test(t)).map((t) => t.replace(/^\\[JavaScript (Error|Warning): "/, "").replace(/"( \\{file.*)?\\]$/, ""));`);
      writeFileSync(join(out, "firefox.json"), JSON.stringify({ browser: `${capabilities.browserName} ${capabilities.browserVersion}`, page, results, console: lines }, null, 2) + "\n");
    } finally { await call(s, undefined, "DELETE"); }
  } finally { child.kill(); }
}

const servers = startServers();
try { await (browser === "chromium" ? chromium() : firefox()); }
finally { for (const server of servers) { server.closeAllConnections(); server.close(); } }
