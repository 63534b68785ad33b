import { tables } from "./tables.ts";

export const codes = tables({
  en: {
    label: "Code from the e-mail",
    digit: "Digit {number} of {count}",
    sent: "We sent a code of {count} digits to {email}.",
    change: "Change address",
    wrong: {
      one: "That is not the code. {count} try is left.",
      other: "That is not the code. {count} tries are left.",
    },
    used: "That was the fifth wrong code: this one no longer counts. Start again and we will send another.",
    ended: "This code has ended. Start again and we will send another.",
    restart: "Start again",
    resend: "Send another code",
    resendIn: "Another code can be sent in {time}",
    resent: "Another code is on its way. The last one no longer counts.",
    noMore: "No more codes can be sent for now. Look into the spam folder, or start again later.",
    checking: "Checking…",
  },
  ru: {
    label: "Код из письма",
    digit: "Цифра {number} из {count}",
    sent: "Мы отправили код из {count} цифр на {email}.",
    change: "Изменить адрес",
    wrong: {
      one: "Код не подошёл. Осталась {count} попытка.",
      few: "Код не подошёл. Осталось {count} попытки.",
      other: "Код не подошёл. Осталось {count} попыток.",
    },
    used: "Пятый код не подошёл, и этот больше не действует. Начните заново, и мы отправим другой.",
    ended: "Срок кода истёк. Начните заново, и мы отправим другой.",
    restart: "Начать заново",
    resend: "Отправить другой код",
    resendIn: "Другой код можно отправить через {time}",
    resent: "Другой код уже в пути. Прежний больше не действует.",
    noMore: "Больше кодов пока отправить нельзя. Проверьте папку со спамом или начните заново позже.",
    checking: "Проверяем…",
  },
});
