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
  const isKnown = code === 1000 || code === 1001 || (code >= 1003 && code <= 1014 && code !== 1005 && code !== 1006);
  return isKnown || (code >= 3000 && code <= 4999);
}
