/**
 * The code to answer a peer's close with. 1005, 1006 and 1015 say that no code came, and may not be sent (RFC 6455, 7.4.1).
 */
export function echoOf(code: number): number {
  return isSendable(code) ? code : 1000;
}

/** The code that tells one end of a splice of what came from the other. @param otherwise for what says that no code came */
export function passedOn(code: number, otherwise: number): number {
  return isSendable(code) ? code : otherwise;
}

function isSendable(code: number): boolean {
  const isKnown = [1000, 1001, 1003].includes(code) || (code >= 1007 && code <= 1014);
  return isKnown || (code >= 3000 && code <= 4999);
}
