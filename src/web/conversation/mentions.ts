/** Naming somebody with `@`: whom one means while typing, and whom a text names when it is sent. */
export interface Named {
  id: string;
  name: string;
  username?: string | undefined;
}

const most = 50;
const shownMost = 6;
const open = /(?:^|\s)@(\p{L}[\p{L}\p{N}_-]*|)$/u;

/** What stands between an `@` and the caret; undefined where nobody is being named. */
export function mentionAt(text: string, caret: number): string | undefined {
  return open.exec(text.slice(0, caret))?.[1];
}

export function candidates(people: readonly Named[], asked: string): Named[] {
  const wanted = asked.toLocaleLowerCase();
  const fits = ({ name, username }: Named) =>
    [...name.toLocaleLowerCase().split(/\s+/), username?.toLocaleLowerCase() ?? ""].some(
      (word) => word !== "" && word.startsWith(wanted),
    );
  return people.filter((person) => person.name !== "" && fits(person)).slice(0, shownMost);
}

/** The text with the name in the place of what was typed of it, and where the caret goes. */
export function withMention(text: string, caret: number, name: string): { text: string; caret: number } {
  const start = caret - (mentionAt(text, caret)?.length ?? 0);
  const before = `${text.slice(0, start)}${name} `;
  return { text: before + text.slice(caret).replace(/^ /, ""), caret: before.length };
}

/** The ids of those a text still names, of those who were chosen for it. */
export function mentionedIn(text: string, chosen: readonly Named[]): string[] {
  const named = chosen.filter(({ name }) => text.includes(`@${name}`));
  return [...new Set(named.map(({ id }) => id))].slice(0, most);
}
