import { tables } from "./tables.ts";

export const list = tables({ en: {}, ru: {} });
