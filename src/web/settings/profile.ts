import type { Me, ProfileChange } from "../../protocol/users.ts";

/** A profile as it stands in its fields: what is not there is empty. */
export interface ProfileFields {
  name: string;
  username: string;
  bio: string;
  phone_number: string;
}

const optional = ["username", "bio", "phone_number"] as const;

export function fieldsOf({ name, username = "", bio = "", phone_number = "" }: Me): ProfileFields {
  return { name, username, bio, phone_number };
}

/** What to tell the server: only what is other than before; what was emptied is taken away. Undefined for nothing. */
export function changeOf(me: Me, fields: ProfileFields): ProfileChange | undefined {
  const before = fieldsOf(me);
  const name = fields.name.trim();
  const others = optional.flatMap((key) => {
    const value = key === "phone_number" ? fields[key].replace(/[\s()-]/g, "") : fields[key].trim();
    return value === before[key] ? [] : [[key, value || null] as const];
  });
  const change: ProfileChange = { ...(name !== before.name && { name }), ...Object.fromEntries(others) };
  return Object.keys(change).length > 0 ? change : undefined;
}
