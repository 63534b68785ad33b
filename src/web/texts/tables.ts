/** One text, or its plural forms by the names of `Intl.PluralRules`. */
export type Text = string | ({ [Form in Intl.LDMLPluralRule]?: string } & { other: string });

/** The texts of an area in both languages: what English has, Russian must have. */
export function tables<const Table extends Record<string, Text>>(both: {
  en: Table;
  ru: { [Key in keyof Table]: Text };
}): typeof both {
  return both;
}
