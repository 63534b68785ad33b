/**
 * The text of mails. Nothing a stranger chose is ever in one: no name, no title. All that varies is the code, so a
 * registration cannot be used to send somebody else words, and a header cannot be written into.
 */
import type { Flow } from "../protocol/auth.ts";
import type { Language, Letter } from "../protocol/letters.ts";
import { limits } from "../protocol/limits.ts";

/** What is said beside a code: that something was done. */
export type Notice = "email_changed" | "password_changed" | "google_linked" | "account_deleted";

/** Letters without a code. */
const bare = ["taken", "email_changed", "password_changed", "google_linked", "account_deleted"] as const;
type Bare = (typeof bare)[number];
export type LetterKind = Flow["kind"] | Notice;

interface Words {
  subject: string;
  before: string;
  after: string;
}

const minutes = limits.challengeMs / 60_000;

const words: Record<Language, Record<LetterKind, Words>> = {
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
    reset: {
      subject: "Your PingMe password reset code",
      before: "Your code to choose a new PingMe password:",
      after: `It is valid for ${minutes} minutes and ends all sessions when it is used. If you did not ask for it, ignore this mail: your password stays as it is. Give the code to nobody.`,
    },
    email: {
      subject: "Confirm your address for PingMe",
      before: "Your code to confirm this address for your PingMe account:",
      after: `It is valid for ${minutes} minutes. If you did not ask for it, ignore this mail: nothing is changed without the code.`,
    },
    delete: {
      subject: "Your code to delete your PingMe account",
      before: "Your code to delete your PingMe account:",
      after: `It is valid for ${minutes} minutes. If you did not ask for it, somebody is signed in to your account: change your password. Give the code to nobody.`,
    },
    taken: {
      subject: "You already have a PingMe account",
      before: "Somebody, perhaps you, wanted to use this address at PingMe. It already has an account.",
      after: "If it was you, sign in instead. If not, there is nothing to do: nothing was changed.",
    },
    email_changed: {
      subject: "The address of your PingMe account was changed",
      before: "Your PingMe account now has another address; this one is not used any more.",
      after: "If it was not you, write to those who run this PingMe: somebody knows your password.",
    },
    password_changed: {
      subject: "Your PingMe password was changed",
      before: "Your PingMe password was changed, and your other sessions were ended.",
      after: "If it was not you, reset your password now.",
    },
    google_linked: {
      subject: "Google was connected to your PingMe account",
      before: "From now on you can also sign in to PingMe with the Google account of this address.",
      after: "If it was not you, secure your Google account and reset your PingMe password.",
    },
    account_deleted: {
      subject: "Your PingMe account was deleted",
      before: "Your PingMe account was deleted. This address can be used for a new one.",
      after: "If it was not you, write to those who run this PingMe.",
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
    reset: {
      subject: "Код для смены пароля PingMe",
      before: "Код, чтобы задать новый пароль PingMe:",
      after: `Он действует ${minutes} минут и завершает все сеансы, когда его используют. Если вы его не запрашивали, ничего не делайте: пароль останется прежним. Никому не сообщайте код.`,
    },
    email: {
      subject: "Подтвердите адрес для PingMe",
      before: "Код, чтобы подтвердить этот адрес для вашего аккаунта PingMe:",
      after: `Он действует ${minutes} минут. Если вы его не запрашивали, ничего не делайте: без кода ничего не изменится.`,
    },
    delete: {
      subject: "Код для удаления аккаунта PingMe",
      before: "Код для удаления вашего аккаунта PingMe:",
      after: `Он действует ${minutes} минут. Если вы его не запрашивали, кто-то вошёл в ваш аккаунт: смените пароль. Никому не сообщайте код.`,
    },
    taken: {
      subject: "У вас уже есть аккаунт PingMe",
      before: "Кто-то, возможно вы, хотел использовать этот адрес в PingMe. Аккаунт с ним уже есть.",
      after: "Если это были вы, просто войдите. Если нет, ничего делать не нужно: ничего не изменилось.",
    },
    email_changed: {
      subject: "Адрес вашего аккаунта PingMe изменён",
      before: "У вашего аккаунта PingMe теперь другой адрес; этот больше не используется.",
      after: "Если это были не вы, напишите тем, кто управляет этим PingMe: кто-то знает ваш пароль.",
    },
    password_changed: {
      subject: "Пароль PingMe изменён",
      before: "Пароль вашего аккаунта PingMe изменён, остальные сеансы завершены.",
      after: "Если это были не вы, немедленно сбросьте пароль.",
    },
    google_linked: {
      subject: "Google подключён к вашему аккаунту PingMe",
      before: "Теперь в PingMe можно войти и с аккаунтом Google с этим адресом.",
      after: "Если это были не вы, защитите свой аккаунт Google и сбросьте пароль PingMe.",
    },
    account_deleted: {
      subject: "Ваш аккаунт PingMe удалён",
      before: "Ваш аккаунт PingMe удалён. С этим адресом можно создать новый.",
      after: "Если это были не вы, напишите тем, кто управляет этим PingMe.",
    },
  },
};

function isBare(kind: LetterKind): kind is Bare {
  return bare.some((one) => one === kind);
}

/** @param code shown by letters that are about one */
export function letterOf(kind: LetterKind, to: string, language: Language, code = ""): Letter {
  const { subject, before, after } = words[language][kind];
  const shown = isBare(kind) ? [] : [code];
  const paragraphs = [before, ...shown, after];
  return { to, subject, text: `${paragraphs.join("\n\n")}\n`, html: page(language, paragraphs, shown) };
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
