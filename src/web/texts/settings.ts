import { tables } from "./tables.ts";

export const settings = tables({ en: {}, ru: {} });
