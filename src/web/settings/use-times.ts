import { language } from "../texts/text.ts";
import { dateAndTime } from "../times.ts";
import { useValue } from "../ui/hooks.ts";

/** Shows a time of the wire in one's language. */
export function useTimes(): (time: string) => string {
  const chosen = useValue(language);
  return (time) => dateAndTime(new Date(time), chosen);
}
