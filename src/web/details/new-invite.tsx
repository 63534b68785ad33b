import { useId, useState } from "preact/hooks";
import type { Invite } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { type TextKey, useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/errors.ts";
import { Field, Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { boundsOf, type Life, type Uses } from "./bounds.ts";

interface NewInviteProps {
  id: string;
  onMade(invite: Invite): void;
  onClose(): void;
}

const lives: [Life, TextKey][] = [
  ["day", "details.lifeDay"],
  ["week", "details.lifeWeek"],
  ["month", "details.lifeMonth"],
  ["forever", "details.lifeForever"],
];
const allUses: [Uses, TextKey][] = [
  ["one", "details.usesOne"],
  ["ten", "details.usesTen"],
  ["hundred", "details.usesHundred"],
  ["any", "details.usesAny"],
];

/** Its link is shown once: the server keeps no copy. */
export function NewInvite({ id, onMade, onClose }: NewInviteProps) {
  const say = useText();
  const [life, setLife] = useState<Life>("week");
  const [uses, setUses] = useState<Uses>("any");
  const [link, setLink] = useState<string>();
  const make = useAction(async () => {
    const body = boundsOf({ life, uses }, Date.now());
    const {
      url,
      token: _secret,
      ...made
    } = await client.call("POST /conversations/{id}/invites", {
      ...{ path: { id }, body },
    });
    setLink(url);
    onMade(made);
  });
  const actions = link ? (
    <CopyButton text={link} />
  ) : (
    <Button kind="primary" isBusy={make.isBusy} onClick={() => void make.run()}>
      {say("details.makeInvite")}
    </Button>
  );
  return (
    <Dialog title={say("details.invite")} onClose={onClose} actions={actions}>
      {link ? (
        <Field
          label={say("details.link")}
          hint={say("details.linkOnce")}
          value={link}
          readOnly
          onFocus={(event) => event.currentTarget.select()}
        />
      ) : (
        <>
          <Select label={say("details.life")} value={life} options={lives} onChange={(chosen) => setLife(chosen)} />
          <Select label={say("details.uses")} value={uses} options={allUses} onChange={(chosen) => setUses(chosen)} />
        </>
      )}
      <Notice>{errorText(say, make.error, { CONFLICT: "details.tooManyInvites" })}</Notice>
    </Dialog>
  );
}

function CopyButton({ text }: { text: string }) {
  const say = useText();
  const [isCopied, setCopied] = useState(false);
  // Where the browser does not allow it, the field beside it can be copied by hand.
  const copy = useAction(() => navigator.clipboard.writeText(text).then(() => setCopied(true)));
  return (
    <>
      <span role="status" class="hidden">
        {isCopied && say("common.copied")}
      </span>
      <Button kind="primary" onClick={() => void copy.run()}>
        {say(isCopied ? "common.copied" : "common.copy")}
      </Button>
    </>
  );
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly [T, TextKey][];
  onChange(value: T): void;
}

function Select<T extends string>({ label, value, options, onChange }: SelectProps<T>) {
  const say = useText();
  const id = useId();
  const choose = (chosen: string) => {
    const found = options.find(([option]) => option === chosen);
    if (found) onChange(found[0]);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {say(text)}
          </option>
        ))}
      </select>
    </div>
  );
}
