import { useId } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { Checkbox } from "../ui/checkbox.tsx";
import { Field } from "../ui/field.tsx";

export interface GroupForm {
  title: string;
  description: string;
  public: boolean;
}

export const noGroup: GroupForm = { title: "", description: "", public: false };

// As the server takes them.
const titleMost = 128;
const descriptionMost = 1_000;

interface GroupFieldsProps {
  form: GroupForm;
  onChange(form: GroupForm): void;
  /** What is wrong with its title. */
  wrong?: string | undefined;
}

/** What a group says of itself. */
export function GroupFields({ form, onChange, wrong }: GroupFieldsProps) {
  const say = useText();
  const id = useId();
  return (
    <>
      <Field
        label={say("list.groupTitle")}
        value={form.title}
        maxLength={titleMost}
        error={form.title.trim() ? undefined : wrong}
        onInput={(event) => onChange({ ...form, title: event.currentTarget.value })}
      />
      <div class="field">
        <label for={id}>{say("list.groupDescription")}</label>
        <textarea
          id={id}
          rows={2}
          value={form.description}
          maxLength={descriptionMost}
          onInput={(event) => onChange({ ...form, description: event.currentTarget.value })}
        />
      </div>
      <Checkbox
        label={say("list.public")}
        isOn={form.public}
        onChange={(isPublic) => onChange({ ...form, public: isPublic })}
      />
    </>
  );
}
