import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startBackends } from "./backends.ts";
import { wranglerEnvironment, wranglerProgram } from "./build.ts";
import { embeddedVariables, portsAbove, refuseTakenPorts } from "./embedded.ts";
import { places, root } from "./places.ts";
import { main, say } from "./say.ts";
import { loopback, refuseTaken } from "./server.ts";
import { takeState } from "./state.ts";
import { loadVariablesFile, portFrom, workerVariables } from "./variables.ts";

/**
 * `npm run dev`: the same backends, the Worker under `wrangler dev`, which loads what is changed. Its state is apart
 * from that of `npm start`, since an archive must not meet objects it does not know.
 */
await main(async () => {
  const given = { ...loadVariablesFile(), ...process.env };
  const port = portFrom(given);
  const folder = join(resolve(given.PINGME_STATE || join(root, ".pingme")), "dev");
  const state = takeState(folder);
  try {
    const ports = portsAbove(port);
    const url = `http://${loopback}:${port}`;
    const variables = workerVariables({ PUBLIC_URL: url, ...embeddedVariables(folder, ports) }, given);
    await refuseTaken(port, "PingMe");
    await refuseTakenPorts(ports);
    const backends = await startBackends({ folder, ports, given });
    say(`PingMe will be at ${url}, its mailbox at http://${loopback}:${ports.mailbox}; Ctrl-C ends both.`);
    const code = await wranglerDev(folder, port, variables);
    await backends.close();
    process.exitCode = code;
  } finally {
    state.release();
  }
});

/** @returns its exit code; a signal to us ends it, and is no failure */
function wranglerDev(folder: string, port: number, variables: Record<string, string>): Promise<number> {
  const file = join(folder, "variables.env");
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(file, lines.join("\n"), { mode: 0o600 });
  const flags = ["--port", String(port), "--ip", loopback, "--persist-to", join(folder, "objects"), "--env-file", file];
  const args = [
    wranglerProgram,
    "dev",
    "--config",
    places.wranglerToml,
    ...flags,
    "--show-interactive-dev-session=false",
  ];
  const child = spawn(process.execPath, args, { cwd: root, env: wranglerEnvironment(folder), stdio: "inherit" });
  let isEnding = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      isEnding = true;
      child.kill("SIGINT");
    });
  }
  return new Promise((done) => child.on("exit", (code) => done(isEnding ? 0 : (code ?? 1))));
}
