import type { Say } from "../texts/text.ts";
import { browserOf } from "./device-name.ts";

export function shownDevice(say: Say, agent: string): string {
  const known = browserOf(agent);
  return known ? say("settings.deviceOn", known) : agent || say("settings.unknownDevice");
}
