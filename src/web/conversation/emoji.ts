/** What people put on messages most; the first six at once, all in a grid. */
export const quickEmoji = ["👍", "❤️", "😂", "😮", "😢", "🔥"] as const;

export const commonEmoji = [
  ...quickEmoji,
  ...["😀", "😄", "😁", "🤣", "😊", "🙂", "😉", "😍", "🥰", "😘", "😎", "🤩", "🤔", "🤨", "😐", "🙄"],
  ...["😏", "😴", "😭", "😡", "🤯", "😱", "🥳", "🤗", "🤝", "👎", "👏", "🙏", "👌", "💪", "👀", "🎉"],
  ...["💯", "✅", "❌", "❓", "⭐", "💔", "💚", "💙", "🚀", "☕"],
] as const;
