/** A query for messages, taken apart. */

export interface Phrase {
  words: string[];
  /** Its last word may be half typed: no quote ends it. */
  isOpen: boolean;
}

/** All of it must be so. Words are in small letters, ё is е; letters and digits only. */
export interface SearchQuery {
  /** In whatever form. */
  words: string[];
  /** The last word outside of quotes: in whatever form, or half typed. */
  prefix: string | undefined;
  /** Exactly these words, one after the other. */
  phrases: Phrase[];
  /** Not these: a word in whatever form, several as a phrase. */
  excluded: string[][];
}
