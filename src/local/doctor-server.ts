/** What a deployed server shows to whoever comes by. */
import { z } from "zod";
import release from "../../package.json" with { type: "json" };
import type { Look, Tell } from "./doctor-look.ts";

const readiness = z.object({
  status: z.string(),
  backends: z.record(z.string(), z.object({ state: z.string(), required: z.boolean() })),
  throttles: z.string(),
  mail: z.object({ failures: z.number() }),
  archive: z.object({ behind: z.number(), lag_ms: z.number() }).optional(),
});

/** Beyond it signatures are refused. */
const skewMs = 5 * 60_000;

/** @param publicUrl of the configuration, where there is one */
export function serverLook(url: string, publicUrl?: string): Look {
  return async (tell, signal) => {
    const get = (path: string) => fetch(`${url}${path}`, { signal, redirect: "manual" });
    const health = await get("/health");
    await health.body?.cancel();
    if (health.status !== 200) return tell.wrong(`/health answers ${health.status}: is PingMe deployed there?`);
    lookAtClock(health, tell);
    if (publicUrl && new URL(publicUrl).origin !== url)
      tell.wrong(`PUBLIC_URL is ${publicUrl}, and this is ${url}: links and tokens would be another's`);
    await lookAtVersion(await get("/version"), tell);
    await lookAtReadiness(await get("/ready"), tell);
    await lookAtPage(await get("/"), get, tell);
    await lookAtSockets(url, tell, signal);
  };
}

function lookAtClock({ headers }: Response, tell: Tell): void {
  const apartMs = Math.abs(Date.now() - Date.parse(headers.get("Date") ?? ""));
  if (apartMs > skewMs)
    tell.wrong(`its clock and this machine's are ${Math.round(apartMs / 1_000)} s apart: set this one`);
}

async function lookAtVersion(answer: Response, tell: Tell): Promise<void> {
  const read = z.object({ version: z.string() }).safeParse(await answer.json().catch(() => undefined));
  const version = read.data?.version ?? `status ${answer.status}`;
  if (version === release.version) tell.fine(`version ${version}`);
  else tell.wrong(`/version says ${version}, and this is ${release.version}: deploy, or look at what was`);
}

async function lookAtReadiness(answer: Response, tell: Tell): Promise<void> {
  const read = readiness.safeParse(await answer.json().catch(() => undefined));
  if (!read.success) return tell.wrong(`/ready answers ${answer.status}: wrangler tail says which variable is wrong`);
  const { status, backends, mail, archive, throttles } = read.data;
  const down = Object.entries(backends).filter(([, { state }]) => state !== "up");
  for (const [name, { required }] of down) tell[required ? "wrong" : "hint"](`/ready: ${name} is down`);
  if (throttles !== "shared") tell.hint("/ready: limits are counted by each isolate alone, Redis was away");
  if (mail.failures > 0) tell.wrong(`/ready: the last ${mail.failures} letters could not be sent`);
  if (archive && archive.behind > 0)
    tell.hint(`/ready: ${archive.behind} conversations are behind by ${archive.lag_ms} ms`);
  if (status === "ready") tell.fine(`ready, with ${Object.keys(backends).join(", ")}`);
}

async function lookAtPage(answer: Response, get: (path: string) => Promise<Response>, tell: Tell): Promise<void> {
  const [page, policy] = [await answer.text(), answer.headers.get("Content-Security-Policy") ?? ""];
  const script = /<script[^>]+src="(\/web\/[^"]+)"/.exec(page)?.[1];
  if (answer.status !== 200 || !script)
    return tell.wrong(`/ answers ${answer.status} without the web client: npm run assets, and deploy again`);
  const file = await get(script);
  await file.body?.cancel();
  if (!file.ok) return tell.wrong(`${script} answers ${file.status}: deploy again`);
  if (!policy.includes("script-src 'self'") || policy.includes("'unsafe-eval'"))
    return tell.wrong("/ comes without its Content-Security-Policy: what stands before the server takes it away");
  tell.fine("the web client is served");
}

/** A socket that has not signed in is told so. */
async function lookAtSockets(url: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/v1/ws`, ["pingme"]);
  signal.addEventListener("abort", () => socket.close());
  const said = await new Promise<string>((resolve) => {
    socket.onopen = () => socket.send('{"type":"presence","user_ids":[]}');
    socket.onmessage = ({ data }) => resolve(String(data));
    socket.onerror = () => resolve("");
    socket.onclose = () => resolve("");
  });
  socket.close();
  if (said.includes('"AUTH_REQUIRED"')) tell.fine("sockets open");
  else tell.wrong("a WebSocket does not open at /api/v1/ws: what stands before the server must pass upgrades");
}
