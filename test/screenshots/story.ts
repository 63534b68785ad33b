/** What is to be seen on the pictures: who talks with whom, about what, how long ago. */

export const people = [
  "Ada Lindqvist",
  "Jonas Weber",
  "Mei Tanaka",
  "Sofía Rojas",
  "Tom Okafor",
  "Лена Орлова",
] as const;
export type Name = (typeof people)[number];

export interface Line {
  by: Name;
  minutesAgo: number;
  text: string;
  /** A picture with it. */
  picture?: boolean;
  file?: string;
  /** To which line it is an answer. */
  reply?: number;
  reactions?: Partial<Record<Name, string>>;
}

export interface Talk {
  /** Of a group; a dialog has none. */
  title?: string;
  members: Name[];
  lines: Line[];
  /** Whether the one who looks has read it all. */
  isRead: boolean;
  isPinned?: boolean;
}

/** Whose window it is. */
export const viewer: Name = "Ada Lindqvist";
export const typist: Name = "Mei Tanaka";

const [ada, jonas, mei, sofia, tom, lena] = people;

export const talks: Talk[] = [
  {
    members: [ada, lena],
    isRead: true,
    lines: [
      { by: lena, minutesAgo: 2_900, text: "Привет! Билеты у меня, поезд в 7:40." },
      { by: ada, minutesAgo: 2_895, text: "Спасибо! Кофе с меня." },
    ],
  },
  {
    members: [ada, tom],
    isRead: true,
    lines: [
      { by: ada, minutesAgo: 1_500, text: "Could you look over the budget before Thursday?" },
      { by: tom, minutesAgo: 1_490, text: "", file: "Budget 2027.pdf" },
      { by: ada, minutesAgo: 1_488, text: "Perfect, thank you." },
    ],
  },
  {
    title: "Design review",
    members: [ada, mei, tom],
    isRead: false,
    lines: [
      { by: tom, minutesAgo: 190, text: "New icons are in the shared folder." },
      { by: mei, minutesAgo: 176, text: "The 24 px set looks crisp. Shall we ship it on Monday?" },
    ],
  },
  {
    members: [ada, sofia],
    isRead: true,
    lines: [
      { by: sofia, minutesAgo: 64, text: "Dinner at eight?" },
      { by: ada, minutesAgo: 62, text: "Eight is good. I'll bring the bread." },
    ],
  },
  {
    title: "Hut weekend",
    members: [ada, jonas, mei, sofia],
    isRead: true,
    isPinned: true,
    lines: [
      { by: jonas, minutesAgo: 1_620, text: "The hut is ours from Friday to Sunday. Six beds, one stove, no signal." },
      { by: sofia, minutesAgo: 1_612, text: "No signal sounds perfect.", reactions: { [ada]: "❤️", [jonas]: "😂" } },
      { by: mei, minutesAgo: 46, text: "", picture: true, reactions: { [ada]: "❤️", [jonas]: "❤️", [sofia]: "🔥" } },
      { by: mei, minutesAgo: 46, text: "This is the view from the door. I took it last October." },
      { by: ada, minutesAgo: 41, text: "That settles it. I'm packing tonight." },
      { by: jonas, minutesAgo: 33, text: "Who takes the gas cooker?" },
      { by: ada, minutesAgo: 31, text: "I have one, and two full cartridges.", reply: 5, reactions: { [jonas]: "👍" } },
      { by: sofia, minutesAgo: 12, text: "Then I'll do breakfast: bread, cheese, and far too much coffee." },
      { by: ada, minutesAgo: 9, text: "There is no such thing as too much coffee." },
    ],
  },
];
