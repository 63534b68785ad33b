/** Usernames that would speak in the name of the service, or mean something to a program. */

const reserved = [
  ...["pingme", "pingme_app", "pingme_bot", "pingme_team", "pingme_help", "pingme_support", "pingme_official"],
  ...["pingme_admin", "pingme_security", "admin", "admins", "administrator", "administrators", "root", "superuser"],
  ...["owner", "moderator", "moderators", "mod", "staff", "team", "operator", "support", "help", "helpdesk", "service"],
  ...["security", "official", "verified", "system", "sysadmin", "webmaster", "hostmaster", "postmaster", "abuse"],
  ...["privacy", "legal", "billing", "contact", "info", "mail", "email", "noreply", "notifications", "bot", "api"],
  ...["www", "http", "https", "login", "logout", "register", "signup", "settings", "search", "users", "user", "me"],
  ...["everyone", "here", "all", "channel", "group", "anonymous", "deleted", "unknown", "nobody", "none", "null"],
  ...["undefined", "nan", "true", "false"],
];

/** What looks like what: each left side reads as its right side. */
const looks: readonly (readonly [RegExp, string])[] = [
  [/_/g, ""],
  [/0/g, "o"],
  [/3/g, "e"],
  [/4/g, "a"],
  [/5/g, "s"],
  [/7/g, "t"],
  [/8/g, "b"],
  [/9/g, "g"],
  [/rn/g, "m"],
  [/vv/g, "w"],
  [/cl/g, "d"],
  [/[1i]/g, "l"],
];

/** The same for names one takes for each other. */
function skeleton(username: string): string {
  return looks.reduce((text, [seen, read]) => text.replace(seen, read), username.toLowerCase());
}

const reservedSkeletons: ReadonlySet<string> = new Set(reserved.map(skeleton));

/** Whether a username is reserved, or looks like one that is. */
export function isReservedUsername(username: string): boolean {
  return reservedSkeletons.has(skeleton(username));
}
