import { describe, expect, test } from "vitest";
import { isReservedUsername } from "../../src/core/usernames.ts";

describe("a username", () => {
  test.each(["admin", "Administrator", "root", "support", "help", "pingme", "system", "moderator", "security", "null"])(
    "that speaks in another's name is refused: %s",
    (name) => expect(isReservedUsername(name)).toBe(true),
  );

  test.each([
    ...["adm1n", "ADMlN", "a_d_m_i_n", "adrnin", "aclmin", "4dm1n", "r00t", "supp0rt", "5upport", "he1p", "p1ngme_"],
    ...["PingMe_", "plngrne", "5y5tem", "nu11", "m_e", "vvvvvv", "pingmesupp0rt", "o_f_f_i_c_i_a_l", "b0t"],
  ])("that looks like a reserved one is refused: %s", (name) => expect(isReservedUsername(name)).toBe(true));

  test.each([
    "ann",
    "adam",
    "administer",
    "rooted",
    "helper",
    "pingmelater",
    "marina",
    "sam_1990",
    "system32",
    "claire",
  ])("of somebody is allowed: %s", (name) => expect(isReservedUsername(name)).toBe(false));
});
