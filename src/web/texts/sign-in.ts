import { tables } from "./tables.ts";

export const signIn = tables({ en: {}, ru: {} });
