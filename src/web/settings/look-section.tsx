import { client } from "../client.ts";
import { chooseLanguage, type LanguageChoice, languageChoice, useText } from "../texts/text.ts";
import { chooseTheme, theme } from "../theme.ts";
import { Choice } from "../ui/choice.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction, useValue } from "../ui/hooks.ts";
import { Section } from "./section.tsx";

/** Of this browser; the language is told to the server, which writes mails in it. */
export function LookSection() {
  const say = useText();
  const telling = useAction(async (chosen: LanguageChoice) => {
    const language = chosen === "system" ? null : chosen;
    client.session.setUser(await client.call("PATCH /users/me", { body: { settings: { language } } }));
  });
  return (
    <Section title={say("settings.look")}>
      <Choice
        label={say("settings.language")}
        value={useValue(languageChoice)}
        options={[
          { value: "system", label: say("settings.system") },
          { value: "en", label: "English", lang: "en" },
          { value: "ru", label: "Русский", lang: "ru" },
        ]}
        onChoose={(chosen) => {
          chooseLanguage(chosen);
          void telling.run(chosen);
        }}
      />
      <Notice>{errorText(say, telling.error)}</Notice>
      <Choice
        label={say("settings.theme")}
        value={useValue(theme)}
        options={[
          { value: "system", label: say("settings.system") },
          { value: "light", label: say("settings.light") },
          { value: "dark", label: say("settings.dark") },
        ]}
        onChoose={chooseTheme}
      />
    </Section>
  );
}
