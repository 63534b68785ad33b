import { useState } from "preact/hooks";
import { PingMeError } from "../../client/error.ts";
import { client } from "../client.ts";
import { Form } from "../sign-in/form.tsx";
import { type TextKey, useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText, wrongField } from "../ui/errors.ts";
import { Field, Notice } from "../ui/field.tsx";
import { useAction, useMe } from "../ui/hooks.ts";
import { OwnPicture } from "./own-picture.tsx";
import { changeOf, fieldsOf, type ProfileFields } from "./profile.ts";
import { Section } from "./section.tsx";

const wrong: Record<keyof ProfileFields, TextKey> = {
  name: "settings.wrongName",
  username: "settings.wrongUsername",
  bio: "settings.wrongBio",
  phone_number: "settings.wrongPhone",
};

export function ProfileSection() {
  const say = useText();
  const me = useMe();
  const [fields, setFields] = useState(() => fieldsOf(me));
  const [isSaved, setSaved] = useState(false);
  const change = changeOf(me, fields);
  const action = useAction(async () => {
    if (change === undefined) return;
    const changed = await client.call("PATCH /users/me", { body: change });
    client.session.setUser(changed);
    setFields(fieldsOf(changed));
    setSaved(true);
  });
  const { error } = action;
  const isTaken = error instanceof PingMeError && error.code === "CONFLICT";
  const problemOf = (key: keyof ProfileFields) => {
    if (key === "username" && isTaken) return say("settings.takenUsername");
    return wrongField(error, key) === undefined ? undefined : say(wrong[key]);
  };
  const isSaidBeside = isTaken || Object.keys(wrong).some((key) => wrongField(error, key) !== undefined);
  const field = (key: keyof ProfileFields) => ({
    value: fields[key],
    error: problemOf(key),
    onInput: (event: { currentTarget: { value: string } }) => {
      setSaved(false);
      setFields({ ...fields, [key]: event.currentTarget.value });
    },
  });
  return (
    <Section title={say("settings.profile")}>
      <OwnPicture />
      <Form onSubmit={() => action.run()}>
        <Field label={say("settings.name")} autoComplete="name" {...field("name")} />
        <Field
          label={say("settings.username")}
          hint={say("settings.usernameHint")}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          {...field("username")}
        />
        <Field label={say("settings.bio")} {...field("bio")} />
        <Field
          label={say("settings.phone")}
          hint={say("settings.phoneHint")}
          type="tel"
          autoComplete="tel"
          {...field("phone_number")}
        />
        <Notice>{isSaidBeside ? "" : errorText(say, error)}</Notice>
        <div class="form-end">
          <p role="status" class="muted">
            {isSaved && change === undefined && say("settings.saved")}
          </p>
          <Button kind="primary" type="submit" isBusy={action.isBusy} disabled={change === undefined}>
            {say("common.save")}
          </Button>
        </div>
      </Form>
    </Section>
  );
}
