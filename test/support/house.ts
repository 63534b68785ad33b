import type { House } from "../../src/client/house.ts";

/** What a part of the SDK is given by the others, where a test looks at it alone: nothing is heard, all is said. */
export function houseOf(parts: Partial<House> = {}): House {
  return {
    call: () => Promise.reject(new Error("Nothing is asked of a server here")),
    me: "me",
    say: () => true,
    tell() {},
    ask: () => Promise.resolve(),
    isLoading: false,
    during: (load) => load(),
    changed() {},
    arrived() {},
    ...parts,
  };
}
