/** What a query for messages is to Postgres. Its words hold letters and digits alone, so none of them means anything to SQL. */
import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { Phrase, SearchQuery } from "../protocol/search.ts";

/** What `messages.words` is matched with. */
export function matching(query: SearchQuery): SQL {
  return sql.join([...needed(query), ...query.excluded.map((words) => sql`(!!${excluded(words)})`)], sql` && `);
}

/**
 * The words a message must have, as a text: `~` stands before each for the mark of a conversation. They are cut as the
 * index cuts them, which knows no places: a phrase is its words.
 */
export function template({ words, prefix, phrases }: SearchQuery): SQL {
  const singly = phrases.map((phrase) => ({ ...phrase, isSpread: true }));
  const all = sql.join(needed({ words, prefix, phrases: singly, excluded: [] }), sql` && `);
  return sql`regexp_replace(regexp_replace((${all})::text, '<[^>]+>', '&', 'g'), ${"'([^']{1,40})[^']*'"}, ${"'~\\1'"}, 'g')`;
}

/** A template for one conversation. */
export function keysIn(template: SQLWrapper, conversationId: SQLWrapper): SQL {
  return sql`replace(${template}, '~', right(${conversationId}::text, 8))::tsquery`;
}

/** The stems of the words by which a message may be found, where it has none of the words as they were typed. */
export function stems({ words, prefix }: SearchQuery): SQL {
  const said = prefix === undefined ? words : [...words, prefix];
  return sql`tsvector_to_array(to_tsvector('russian', ${said.join(" ")}))`;
}

function needed({ words, prefix, phrases }: SearchQuery): SQL[] {
  const half = prefix === undefined ? [] : [sql`(to_tsquery('simple', ${`'${prefix}':*`}) || ${anyForm(prefix)})`];
  return [...words.map(anyForm), ...half, ...phrases.map(exactly)];
}

/** Words of no meaning ("the", "не") have no stem; they are looked for as they are. */
function anyForm(word: string): SQL {
  const stem = sql`to_tsquery('russian', ${`'${word}'`})`;
  return sql`case when numnode(${stem}) > 0 then ${stem} else to_tsquery('simple', ${`'${word}'`}) end`;
}

/** Places of words as they stand have the weight A; those of stems are counted on their own. */
function exactly({ words, isOpen, isSpread }: Phrase & { isSpread?: boolean }): SQL {
  const weight = isSpread ? "" : "A";
  const terms = words.map((word, at) => {
    const half = isOpen && at === words.length - 1 ? "*" : "";
    return `'${word}'${half || weight ? ":" : ""}${half}${weight}`;
  });
  return sql`to_tsquery('simple', ${terms.join(isSpread ? " & " : " <-> ")})`;
}

function excluded(words: string[]): SQL {
  const [only] = words;
  return only !== undefined && words.length === 1 ? anyForm(only) : exactly({ words, isOpen: false });
}
