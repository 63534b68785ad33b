import { tables } from "./tables.ts";

export const join = tables({
  en: {
    title: "You are invited to a group",
    text: "What it is called and who is in it shows once you have joined. Its members will see that you did, as {name}, and you will see what was written there.",
    verb: "Join the group",
    notNow: "Not now",
    nowhere: "This link leads nowhere: it may be cut off, or the group is not there any more. Ask for it again.",
    ended: "This invite has ended: its time is over, it was used up, or it was taken back. Ask for another one.",
    removed: "You were removed from this group. Only its owner or an admin can add you again.",
    full: "This group is full: nobody else can join for now.",
    tooOften: "You have tried to join too often. Wait a minute and try again.",
  },
  ru: {
    title: "Вас пригласили в группу",
    text: "Как она называется и кто в ней, станет видно, когда вы вступите. Участники увидят, что вы вступили под именем {name}, а вы — что там написано.",
    verb: "Вступить в группу",
    notNow: "Не сейчас",
    nowhere: "Ссылка никуда не ведёт: возможно, она обрезана или группы больше нет. Попросите её ещё раз.",
    ended: "Приглашение больше не действует: истёк срок, его использовали или отозвали. Попросите другое.",
    removed: "Вас исключили из этой группы. Вернуть вас может только её владелец или администратор.",
    full: "Группа заполнена: вступить пока нельзя.",
    tooOften: "Слишком много попыток вступить. Подождите минуту и попробуйте ещё раз.",
  },
});
