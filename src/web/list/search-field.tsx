import { useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";
import { useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import { searchText } from "./search-text.ts";

export function SearchField() {
  const say = useText();
  const text = useValue(searchText);
  return (
    <div class="search">
      <Icon name="search" size={20} />
      <input
        id="search"
        type="search"
        autoComplete="off"
        enterkeyhint="search"
        value={text}
        placeholder={say("list.search")}
        aria-label={say("list.search")}
        aria-keyshortcuts="Control+K Meta+K"
        onInput={(event) => searchText.set(event.currentTarget.value)}
      />
      {text && <IconButton icon="close" size={20} label={say("list.clear")} onClick={() => searchText.set("")} />}
    </div>
  );
}
