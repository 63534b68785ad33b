/** What the server will ask of a new password, as far as it can be said beforehand. */
const least = 8;
const most = 128;

const oneCharacter = /^(.)\1*$/su;

/** As people count characters: code points. */
export function hasLength(password: string): boolean {
  const { length } = [...password];
  return length >= least && length <= most;
}

/** One of the common ones, of which only the server knows all. @param refused those it has turned down */
export function isCommon(password: string, refused: readonly string[]): boolean {
  return password !== "" && (oneCharacter.test(password) || refused.includes(password));
}
