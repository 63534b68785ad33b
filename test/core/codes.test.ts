import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answered, answer, codeHash, newChallenge, newCode, resend } from "../../src/core/codes.ts";
import type { Challenge, Flow } from "../../src/protocol/auth.ts";
import { limits } from "../../src/protocol/limits.ts";

const key = "a key of the test that is long enough";
const login: Flow = {
  kind: "login",
  email: "ann@example.test",
  user_id: "01890000-0000-7000-8000-000000000001",
  mark: "m",
};
const taken: Flow = { kind: "taken", email: "ann@example.test" };
const right = codeHash(key, "challenge", "123456");
const wrong = codeHash(key, "challenge", "654321");

function opened(flow: Flow = login): Challenge {
  return newChallenge({ flow, language: "en", code_hash: right, is_mailed: true }, 0);
}

describe("a new code", () => {
  test("has six digits, zeros in front included", () => {
    expect(newCode(6, () => 7)).toBe("000007");
    fc.assert(fc.property(fc.nat({ max: 4_293_999_999 }), (drawn) => /^\d{6}$/.test(newCode(6, () => drawn))));
  });

  test("is drawn again where it would make some codes likelier", () => {
    const drawn = [4_294_000_000, 2 ** 32 - 1, 4_293_999_999];
    expect(newCode(6, () => drawn.shift() ?? 0)).toBe("999999");
    expect(drawn).toEqual([]);
  });
});

describe("an answer", () => {
  test("that is right finishes the flow and ends the challenge", () => {
    expect(answer(opened(), "login", right, 1)).toEqual({ outcome: "right", flow: login, next: undefined });
  });

  test("that is wrong takes one of five tries; the fifth ends the challenge", () => {
    let challenge: Challenge | undefined = opened();
    for (let tries = 1; tries <= limits.codeTries; tries++) {
      const answered: Answered = answer(challenge, "login", wrong, 1);
      expect(answered.outcome).toBe("wrong");
      challenge = answered.outcome === "wrong" ? answered.next : undefined;
      expect(challenge?.tries).toBe(tries < limits.codeTries ? tries : undefined);
    }
    expect(answer(challenge, "login", right, 1)).toEqual({ outcome: "gone" });
  });

  test("is refused from the tenth minute on", () => {
    expect(answer(opened(), "login", right, limits.challengeMs - 1).outcome).toBe("right");
    expect(answer(opened(), "login", right, limits.challengeMs)).toEqual({ outcome: "gone" });
  });

  test("is never right where no letter left, and takes tries like any other", () => {
    const unmailed = { ...opened(), is_mailed: false };
    expect(answer(unmailed, "login", right, 1)).toEqual({ outcome: "wrong", next: { ...unmailed, tries: 1 } });
  });

  test("of another flow takes no try", () => {
    expect(answer(opened(), "register", wrong, 1)).toEqual({ outcome: "gone" });
    expect(answer(opened(taken), "login", wrong, 1)).toEqual({ outcome: "gone" });
  });

  test("is never right for a taken address, and takes tries like any other", () => {
    const answered = answer(opened(taken), "register", right, 1);
    expect(answered).toEqual({ outcome: "wrong", next: { ...opened(taken), tries: 1 } });
  });

  test("of a user is theirs alone, also where the address is taken; another's takes no try", () => {
    const [ann, bob] = ["01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"];
    const email: Flow = { kind: "email", email: "new@example.test", user_id: ann, mark: "m" };
    const takenByOthers: Flow = { ...taken, user_id: ann };
    expect(answer(opened(email), "email", right, 1, ann)).toMatchObject({ outcome: "right" });
    expect(answer(opened(takenByOthers), "email", right, 1, ann)).toMatchObject({ outcome: "wrong" });
    for (const flow of [email, takenByOthers]) {
      expect(answer(opened(flow), "email", right, 1, bob)).toEqual({ outcome: "gone" });
      expect(answer(opened(flow), "register", right, 1)).toEqual({ outcome: "gone" });
    }
    expect(answer(opened(taken), "email", right, 1, ann)).toEqual({ outcome: "gone" });
  });

  test("for one challenge is not one for another", () => {
    expect(codeHash(key, "challenge", "123456")).not.toBe(codeHash(key, "challenge2", "123456"));
    expect(codeHash(key, "challenge1", "23456")).not.toBe(codeHash(key, "challenge", "123456"));
  });
});

describe("a resend", () => {
  const minute = limits.codeResendAfterMs;

  test("waits a minute from the last letter", () => {
    expect(resend(opened(), 20_000)).toEqual({ outcome: "early", waitMs: minute - 20_000 });
    expect(resend(opened(), minute)).toMatchObject({ outcome: "sent", next: { sent_at: minute, resends: 1 } });
  });

  test("happens five times, gives no new tries and no longer life", () => {
    let challenge: Challenge = { ...opened(), tries: 3 };
    for (let count = 1; count <= limits.codeResends; count++) {
      const resent = resend(challenge, count * minute);
      if (resent.outcome !== "sent") throw new Error(resent.outcome);
      challenge = resent.next;
    }
    expect(challenge).toEqual({ ...opened(), tries: 3, resends: 5, sent_at: 5 * minute });
    expect(resend(challenge, 6 * minute)).toEqual({ outcome: "early", waitMs: 4 * minute });
  });

  test("of an ended challenge is refused", () => {
    expect(resend(undefined, 0)).toEqual({ outcome: "gone" });
    expect(resend(opened(), limits.challengeMs)).toEqual({ outcome: "gone" });
  });
});

test("however wrong codes and resends follow one another, tries and resends only rise and five wrong ones end it", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("wrong", "resend"), { maxLength: 30 }), (steps) => {
      let challenge: Challenge | undefined = opened();
      let now = 0;
      let wrongs = 0;
      for (const step of steps) {
        now += limits.codeResendAfterMs;
        if (step === "wrong") {
          const answered: Answered = answer(challenge, "login", wrong, now);
          if (answered.outcome === "wrong") wrongs++;
          challenge = answered.outcome === "wrong" ? answered.next : undefined;
        } else {
          const resent = resend(challenge, now);
          if (resent.outcome === "sent") challenge = resent.next;
        }
      }
      expect(wrongs).toBeLessThanOrEqual(limits.codeTries);
      expect(challenge?.resends ?? 0).toBeLessThanOrEqual(limits.codeResends);
    }),
  );
});
