const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;

/** The first 64 bits of an IPv6 address: what one household or one machine can change at will is cut off. */
function network64(text: string): string | undefined {
  const halves = text.toLowerCase().split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => half.split(":").filter((group) => group !== ""));
  const groups = [...head, ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  if (halves.length === 1 ? groups.length !== 8 : groups.length > 7) return undefined;
  const zeros = Array.from({ length: 8 - groups.length }, () => "0");
  const whole = halves.length === 1 ? groups : [...head, ...zeros, ...tail];
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** Where a caller counts: their IPv4 address, their /64 of IPv6, or the bucket of all whose address the edge did not give. */
export function callerBucket(connectingIp: string | undefined): string {
  if (!connectingIp) return "shared";
  const mapped = /^::ffff:([\d.]+)$/i.exec(connectingIp)?.[1] ?? connectingIp;
  return ipv4.test(mapped) ? mapped : (network64(mapped) ?? "shared");
}
