import { chooseLanguage, language } from "../texts/text.ts";
import { useValue } from "../ui/hooks.ts";

/** Each in its own language, for who cannot read the other. */
const names = { en: "English", ru: "Русский" } as const;

export function LanguageLinks() {
  const chosen = useValue(language);
  return (
    <p class="languages">
      {(["en", "ru"] as const).map((name) => (
        <button
          key={name}
          type="button"
          class="link"
          lang={name}
          aria-pressed={name === chosen}
          onClick={() => chooseLanguage(name)}
        >
          {names[name]}
        </button>
      ))}
    </p>
  );
}
