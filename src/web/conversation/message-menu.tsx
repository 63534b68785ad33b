import { type TextKey, useText } from "../texts/text.ts";
import type { IconName } from "../ui/icon.tsx";
import { Menu } from "../ui/menu.tsx";
import type { Spot } from "./deeds.ts";
import { commonEmoji, quickEmoji } from "./emoji.ts";
import type { Deed } from "./rights.ts";

export type Chosen = Exclude<Deed, "react">;

interface MessageMenuProps {
  deeds: ReadonlySet<Deed>;
  isPinned: boolean;
  at: Spot;
  onChoose(deed: Chosen): void;
  onReact(emoji: string): void;
  onMoreEmoji(): void;
  onClose(): void;
}

const shown: [Chosen, IconName, TextKey][] = [
  ["reply", "reply", "conversation.reply"],
  ["edit", "edit", "conversation.edit"],
  ["copy", "copy", "conversation.copy"],
  ["forward", "forward", "conversation.forward"],
  ["pin", "pin", "conversation.pin"],
  ["readers", "checks", "conversation.readers"],
  ["delete", "trash", "conversation.delete"],
];

export function MessageMenu({ deeds, isPinned, at, onChoose, onReact, onMoreEmoji, onClose }: MessageMenuProps) {
  const say = useText();
  const items = shown
    .filter(([deed]) => deeds.has(deed))
    .map(([deed, icon, key]) => ({
      ...{ icon, isDanger: deed === "delete", onSelect: () => onChoose(deed) },
      label: say(deed === "pin" && isPinned ? "conversation.unpin" : key),
    }));
  return (
    <Menu label={say("conversation.actions")} items={items} at={at} onClose={onClose}>
      <div class="quick" role="none">
        {quickEmoji.map((emoji) => (
          <EmojiButton key={emoji} emoji={emoji} onReact={onReact} onClose={onClose} />
        ))}
        <button type="button" role="menuitem" aria-label={say("conversation.moreEmoji")} onClick={onMoreEmoji}>
          +
        </button>
      </div>
    </Menu>
  );
}

interface EmojiMenuProps {
  at: Spot;
  onReact(emoji: string): void;
  onClose(): void;
}

export function EmojiMenu({ at, onReact, onClose }: EmojiMenuProps) {
  const say = useText();
  return (
    <Menu label={say("conversation.react")} items={[]} at={at} onClose={onClose}>
      <div class="emoji-grid" role="none">
        {commonEmoji.map((emoji) => (
          <EmojiButton key={emoji} emoji={emoji} onReact={onReact} onClose={onClose} />
        ))}
      </div>
    </Menu>
  );
}

function EmojiButton({ emoji, onReact, onClose }: Omit<EmojiMenuProps, "at"> & { emoji: string }) {
  return (
    <button
      type="button"
      role="menuitem"
      onClick={() => {
        onClose();
        onReact(emoji);
      }}
    >
      {emoji}
    </button>
  );
}
