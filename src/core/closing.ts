/**
 * The code to answer a peer's close with. 1005, 1006 and 1015 say that no code came, and may not be sent (RFC 6455, 7.4.1).
 */
export function echoOf(code: number): number {
  const isSendable = code === 1000 || code === 1001 || (code >= 1003 && code <= 1014 && code !== 1005 && code !== 1006);
  return isSendable || (code >= 3000 && code <= 4999) ? code : 1000;
}
