import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { conversations, members } from "../../src/db/schema.ts";
import { type Search, searchMine, searchPublic } from "../../src/db/search.ts";
import { db, type Someone, somebody } from "../support/room.ts";

const born = new Date(1_700_000_000_000);

type Row = typeof conversations.$inferInsert;

/** A conversation in the archive, of these people. */
async function conversation(people: Someone[], row: Partial<Row> = {}): Promise<string> {
  const id = newId();
  const times = { created_at: born, updated_at: born, active_at: born };
  const made = { kind: "group" as const, epoch: "an epoch", created_by: newId(), body_hash: "x", version: 1 };
  await db.insert(conversations).values({ id, ...made, ...times, ...row });
  const joined = { conversation_id: id, role: "MEMBER" as const, joined_at: born, version: 1 };
  if (people.length > 0) await db.insert(members).values(people.map((who) => ({ ...joined, user_id: who.id })));
  return id;
}

/** Letters that no other test's titles have: public groups are everybody's. */
function ownWord(letters = "bcdfghjklmnpqrstvwxz"): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => letters[byte % letters.length]).join("");
}

const cyrillic = "бвгджзклмнпрстфхцчшщ";
const all = (query: string): Search => ({ query, after: undefined, limit: 100 });

async function mine(who: Someone, query: string): Promise<string[]> {
  return (await searchMine(db, who.id, all(query))).map(({ id }) => id);
}

async function open(who: Someone, query: string): Promise<string[]> {
  return (await searchPublic(db, who.id, all(query))).map(({ id }) => id);
}

const swapped = (word: string) => word.slice(0, 5) + word.charAt(6) + word.charAt(5) + word.slice(7);

describe("one's own conversations", () => {
  test("are found by a title: whole, half typed, with a typo, in whatever case, Russian and English", async () => {
    const ann = await somebody();
    const lunch = await conversation([ann], { title: "Friday lunch" });
    const chess = await conversation([ann], { title: "Шахматы по пятницам" });
    await conversation([ann], { title: "Budget" });
    for (const query of ["Friday lunch", "lunch", "LUNCH", "lun", "lunhc", "luhcn", "frday"]) {
      expect(await mine(ann, query), query).toEqual([lunch]);
    }
    for (const query of ["Шахматы", "шахматы", "ШАХМАТЫ", "шахм", "шахмтаы", "шахматов", "пятница"]) {
      expect(await mine(ann, query), query).toEqual([chess]);
    }
    expect(await mine(ann, "zebra")).toEqual([]);
  });

  test("are found without the dots of ё, and by a word in another form", async () => {
    const [ann, bob] = [await somebody(), await somebody("Пётр Королёв")];
    const tree = await conversation([ann], { title: "Ёлки" });
    const fog = await conversation([ann], { title: "Ежик в тумане" });
    const dialog = await conversation([ann, bob], { kind: "dialog" });
    for (const query of ["елка", "ЁЛКА", "ёлки", "елки-палки"]) expect((await mine(ann, query))[0], query).toBe(tree);
    for (const query of ["ёжики", "ежиком"]) expect((await mine(ann, query))[0], query).toBe(fog);
    for (const query of ["петр", "Королев", "ПЁТР"]) expect((await mine(ann, query))[0], query).toBe(dialog);
  });

  test("are found by the names of the others, in dialogs and in groups", async () => {
    const [ann, bob] = [await somebody("Ann"), await somebody("Robert Fischer")];
    const olga = await somebody("Ольга Смирнова");
    const dialog = await conversation([ann, bob], { kind: "dialog" });
    const group = await conversation([ann, olga], { title: "Budget" });
    for (const query of ["Robert Fischer", "fisch", "Fisher", "Ficsher"])
      expect(await mine(ann, query), query).toEqual([dialog]);
    for (const query of ["Смирнова", "ольга", "СМИРНОВА", "смрнова"]) {
      expect(await mine(ann, query), query).toEqual([group]);
    }
  });

  test("are not found by one's own name, nor by that of somebody who has left", async () => {
    const [ann, bob] = [await somebody("Annabella"), await somebody("Robert Fischer")];
    const group = await conversation([ann, bob], { title: "Budget" });
    expect(await mine(ann, "Annabella")).toEqual([]);
    expect(await mine(bob, "Annabella")).toEqual([group]);
    await db.update(members).set({ left_at: born }).where(eq(members.user_id, bob.id));
    expect(await mine(ann, "Fischer")).toEqual([]);
    expect(await mine(bob, "Budget")).toEqual([]);
  });

  test("are not found once they are deleted, and never by a stranger", async () => {
    const [ann, bob] = [await somebody("Annabella"), await somebody("Robert Fischer")];
    await conversation([ann, bob], { title: "Budget", deleted_at: born });
    await conversation([bob], { title: "Budget" });
    expect(await mine(ann, "Budget")).toEqual([]);
    expect(await mine(ann, "Fischer")).toEqual([]);
  });

  test("come the best first, each once", async () => {
    const [ann, bob] = [await somebody("Ann"), await somebody("Fischer")];
    const near = await conversation([ann], { title: "Fisher" });
    const same = await conversation([ann, bob, await somebody("Fischer")], { title: "Fischer" });
    const found = await searchMine(db, ann.id, all("Fischer"));
    expect(found.map(({ id }) => id)).toEqual([same, near]);
    expect(found[0]?.rank).toBe(1_000);
  });
});

describe("public groups", () => {
  test("are found by a word: whole, half typed, with a typo, in whatever case, among others", async () => {
    const ann = await somebody();
    for (const word of [ownWord(), ownWord(cyrillic)]) {
      const id = await conversation([], { title: `Our ${word} and more`, public: true });
      for (const query of [word, word.toUpperCase(), word.slice(0, 6), swapped(word), `more ${word.slice(0, 7)}`]) {
        expect((await open(ann, query))[0], query).toBe(id);
      }
      expect(await open(ann, word)).toEqual([id]);
    }
  });

  test("are found by a word in another form, Russian and English", async () => {
    const ann = await somebody();
    const [mark, other] = [ownWord(), ownWord()];
    const lunch = await conversation([], { title: `${mark} Обед`, public: true });
    const running = await conversation([], { title: `${other} running mice`, public: true });
    for (const form of ["обеды", "обедом", "ОБЕДАМИ"])
      expect((await open(ann, `${form} ${mark}`))[0], form).toBe(lunch);
    expect(await open(ann, "обеды")).toContain(lunch);
    expect((await searchPublic(db, ann.id, all(`${other} runs`))).map(({ id, rank }) => [id, rank])).toEqual([
      [running, 900],
    ]);
  });

  test("are shown to who is not in them, as strangers see them; who has left is one again", async () => {
    const [ann, bob] = [await somebody(), await somebody()];
    const word = ownWord();
    const id = await conversation([bob], { title: word, public: true });
    const [found] = await searchPublic(db, ann.id, all(word));
    expect(found).toMatchObject({ id, rank: 1_000, conversation: { id, title: word, public: true } });
    expect(found?.conversation).not.toHaveProperty("me");
    expect(await open(bob, word)).toEqual([]);
    await db.update(members).set({ left_at: born }).where(eq(members.user_id, bob.id));
    expect(await open(bob, word)).toEqual([id]);
  });

  test("are not found when private or deleted, by whichever way", async () => {
    const ann = await somebody();
    const word = ownWord();
    await conversation([], { title: word });
    await conversation([], { title: word, public: true, deleted_at: born });
    for (const query of [word, word.slice(0, 6), swapped(word)]) expect(await open(ann, query), query).toEqual([]);
  });
});

describe("pages", () => {
  test("go on where the last one ended, without gap or repeat, over equals too", async () => {
    const ann = await somebody();
    const word = ownWord();
    const titles = [...Array.from({ length: 5 }, () => word), ...Array.from({ length: 4 }, () => swapped(word))];
    for (const title of titles) await conversation([], { title, public: true });
    for (const title of titles) await conversation([ann], { title });
    for (const search of [searchMine, searchPublic]) {
      const whole = await search(db, ann.id, all(word));
      expect(whole.map(({ rank }) => rank === 1_000)).toEqual(titles.map((title) => title === word));
      const ordered = whole.toSorted((one, other) => other.rank - one.rank || (one.id < other.id ? 1 : -1));
      expect(whole).toEqual(ordered);
      for (const limit of [1, 2, 4, 9]) {
        const paged: typeof whole = [];
        for (let page = whole; page.length > 0; paged.push(...page)) {
          page = await search(db, ann.id, { query: word, after: paged.at(-1), limit });
        }
        expect(paged).toEqual(whole);
      }
    }
  });
});

describe("a query", () => {
  test("may hold whatever characters: they are letters of it, or nothing", async () => {
    const ann = await somebody();
    const word = ownWord();
    const own = await conversation([ann], { title: `${word} plan` });
    const shown = await conversation([], { title: `${word} plan`, public: true });
    const signs = ["%", "_", "\\", "'", '"', "&", "|", "!", ":", "*", "(", ")", "<->", ":*", "\\'", "$1", "--", "😀"];
    for (const sign of signs) {
      for (const query of [`${sign}${word}${sign}`, `${word} ${sign} plan`, `${word}${sign}plan`]) {
        expect(await mine(ann, query), query).toEqual([own]);
        expect(await open(ann, query), query).toEqual([shown]);
      }
      expect(await mine(ann, `a${sign}`), sign).toEqual([]);
    }
  });
});
