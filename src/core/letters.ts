/**
 * The text of mails. Nothing a stranger chose is ever in one: no name, no title. All that varies is six digits, so a
 * registration cannot be used to send somebody else words, and a header cannot be written into.
 */
import type { Flow } from "../protocol/auth.ts";
import type { Language, Letter } from "../protocol/letters.ts";
import { limits } from "../protocol/limits.ts";

interface Words {
  subject: string;
  before: string;
  after: string;
}

const minutes = limits.challengeMs / 60_000;

const words: Record<Language, Record<Flow["kind"], Words>> = {
  en: {
    register: {
      subject: "Your PingMe code",
      before: "Your code to finish the registration at PingMe:",
      after: `It is valid for ${minutes} minutes. If you did not register, ignore this mail: no account is made without the code.`,
    },
    login: {
      subject: "Your PingMe sign-in code",
      before: "Your code to sign in to PingMe:",
      after: `It is valid for ${minutes} minutes. If you did not just sign in, somebody knows your password: change it.`,
    },
    taken: {
      subject: "You already have a PingMe account",
      before: "Somebody, perhaps you, wanted to register at PingMe with this address. It already has an account.",
      after: "If it was you, sign in instead. If not, there is nothing to do: nothing was changed.",
    },
  },
  ru: {
    register: {
      subject: "Ваш код PingMe",
      before: "Код для завершения регистрации в PingMe:",
      after: `Он действует ${minutes} минут. Если вы не регистрировались, ничего не делайте: без кода аккаунт не будет создан.`,
    },
    login: {
      subject: "Ваш код для входа в PingMe",
      before: "Код для входа в PingMe:",
      after: `Он действует ${minutes} минут. Если вы сейчас не входили, кто-то знает ваш пароль: смените его.`,
    },
    taken: {
      subject: "У вас уже есть аккаунт PingMe",
      before: "Кто-то, возможно вы, хотел зарегистрироваться в PingMe с этим адресом. Аккаунт с ним уже есть.",
      after: "Если это были вы, просто войдите. Если нет, ничего делать не нужно: ничего не изменилось.",
    },
  },
};

export function letterOf(flow: Flow, code: string, language: Language): Letter {
  const { subject, before, after } = words[language][flow.kind];
  const shown = flow.kind === "taken" ? [] : [code];
  const paragraphs = [before, ...shown, after];
  return { to: flow.email, subject, text: `${paragraphs.join("\n\n")}\n`, html: page(language, paragraphs, shown) };
}

function page(language: Language, paragraphs: string[], shown: string[]): string {
  const body = paragraphs.map((text) =>
    shown.includes(text) ? `<p style="font-size:28px;letter-spacing:4px"><b>${text}</b></p>` : `<p>${text}</p>`,
  );
  const head = '<meta charset="utf-8"><title>PingMe</title>';
  return `<!doctype html>\n<html lang="${language}">\n<head>${head}</head>\n<body>\n${body.join("\n")}\n</body>\n</html>\n`;
}

/** The better of our languages by `Accept-Language` (RFC 9110, 12.5.4); English where it says nothing of them. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wishes = (acceptLanguage ?? "").slice(0, 500).split(",").map(wish);
  const weight = (language: string) =>
    Math.max(0, ...wishes.filter((w) => w.language === language).map((w) => w.weight));
  return weight("ru") > weight("en") ? "ru" : "en";
}

function wish(entry: string): { language: string; weight: number } {
  const [tag = "", ...parameters] = entry.split(";");
  const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean);
  const weight = quality === undefined ? 1 : Number(quality);
  return { language: tag.trim().toLowerCase().split("-")[0] ?? "", weight: Number.isFinite(weight) ? weight : 0 };
}
