import { tables } from "./tables.ts";

export const conversation = tables({ en: {}, ru: {} });
