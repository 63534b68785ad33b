import { tables } from "./tables.ts";

export const details = tables({ en: {}, ru: {} });
