/** The embedded Google's accounts and codes, in memory. */
import { createHash, randomBytes } from "node:crypto";

export interface Account {
  sub: string;
  email: string;
  name: string;
}

/** The newest so many of each are kept. */
const capacity = 1_000;
const codeMs = 60_000;

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= capacity) return;
    map.delete(oldest);
  }
}

export interface Accounts {
  /** The last used first. */
  seen(): Account[];
  /** The account with this address; its name is the one given last, else what stands before the @. */
  use(email: string, name: string): Account;
}

/** Of the address alone: it is the same after a restart, when PingMe still knows it. */
function subOf(email: string): string {
  const digest = createHash("sha256").update(email).digest();
  return String(10n ** 20n + (digest.readBigUInt64BE() % 10n ** 19n));
}

export function makeAccounts(): Accounts {
  const accounts = new Map<string, Account>();
  return {
    seen: () => [...accounts.values()].reverse(),
    use(email, name) {
      const known = name.trim() || accounts.get(email)?.name || email.replace(/@.*$/, "");
      const account = { sub: subOf(email), email, name: known };
      keep(accounts, email, account);
      return account;
    },
  };
}

/** What a code was given for. */
export interface Grant {
  account: Account;
  redirectUri: string;
  challenge: string;
  nonce: string | undefined;
}

export interface Codes {
  give(grant: Grant): string;
  /** Once, and within a minute. */
  take(code: string): Grant | undefined;
}

export function makeCodes(): Codes {
  const codes = new Map<string, Grant & { until: number }>();
  return {
    give(grant) {
      const code = randomBytes(32).toString("base64url");
      keep(codes, code, { ...grant, until: Date.now() + codeMs });
      return code;
    },
    take(code) {
      const grant = codes.get(code);
      codes.delete(code);
      return grant && grant.until > Date.now() ? grant : undefined;
    },
  };
}
