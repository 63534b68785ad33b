/** Files sent from this page: shown from here, before they are anywhere else and after, so that nothing blinks. */
const most = 40;
const addresses = new Map<string, string>();

const keyOf = (messageId: string, index: number) => `${messageId} ${index}`;

/** An address of this page for the file of a message that is on its way. */
export function localAddress(messageId: string, index: number, blob: Blob): string {
  const key = keyOf(messageId, index);
  const address = addresses.get(key) ?? URL.createObjectURL(blob);
  addresses.set(key, address);
  forgetOldest();
  return address;
}

export const keptAddress = (messageId: string, index: number): string | undefined =>
  addresses.get(keyOf(messageId, index));

function forgetOldest(): void {
  for (const [key, address] of addresses) {
    if (addresses.size <= most) return;
    URL.revokeObjectURL(address);
    addresses.delete(key);
  }
}
