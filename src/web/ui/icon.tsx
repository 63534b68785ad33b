/** Paths of 24 px, drawn with a line of 1.75 px. */
const paths = {
  attach: "m20 12-7.5 7.500a5 5 0 0 1-7-7L13 5a3.3 3.3 0 0 1 4.7 4.700L10 17.200a1.6 1.6 0 0 1-2.3-2.300L14.5 8",
  archive: "M4 8h16M5 8v11h14V8M3 4h18v4H3zM10 12h4",
  back: "m15 5-7 7 7 7",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  bellOff: "M4 4l16 16M8 6.500A6 6 0 0 1 18 11v4M6 10v6l-2 2h14M10 21h4",
  check: "m5 13 4 4L19 7",
  checks: "m2 13 4 4L15 7M11 16l1.5 1.500L22 7",
  clock: "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  dot: "M12 12v.01",
  down: "M12 5v14m-6-6 6 6 6-6",
  download: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  edit: "M4 20h4L19 9l-4-4L4 16zM13.5 6.500l4 4",
  eye: "M2.5 12s3.5-6.500 9.500-6.500 9.500 6.500 9.500 6.500-3.5 6.500-9.500 6.500S2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  eyeOff:
    "M4 4l16 16M9.500 5.900q1.200-.4 2.500-.4c6 0 9.500 6.500 9.500 6.500a17 17 0 0 1-2.600 3.400M6.300 7.300A17 17 0 0 0 2.500 12s3.500 6.500 9.500 6.500a9 9 0 0 0 4.300-1.100M10 10a3 3 0 0 0 4 4",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  forward: "m14 6 6 6-6 6M20 12H9a5 5 0 0 0-5 5v1",
  gear: "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 12h2m12 0h2M12 4v2m0 12v2M6.3 6.300l1.5 1.500m8.4 8.4 1.5 1.500m0-11.4-1.5 1.500m-8.4 8.4-1.5 1.5",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
  info: "M12 11v6M12 7.500v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  leave: "M14 4h5v16h-5M3 12h11m-4-4 4 4-4 4",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  more: "M12 5v.01M12 12v.01M12 19v.01",
  pencil: "M4 20h4L19 9l-4-4L4 16z",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.500a3.5 3.5 0 0 1 0 6M18 14a6.5 6.5 0 0 1 3.5 6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.500a7.5 7.5 0 0 1 15 0",
  personAdd: "M10 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 20a7 7 0 0 1 14 0M19 8v6M16 11h6",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  plus: "M12 5v14M5 12h14",
  reply: "m10 6-6 6 6 6M4 12h11a5 5 0 0 1 5 5v1",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
  send: "M4 12 20 4l-6 16-3-7z",
  smile: "M8 14a4.5 4.5 0 0 0 8 0M9 9.500v.01M15 9.500v.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6",
  warning: "M12 4 2.5 20h19zM12 10v5M12 17.500v.01",
} as const;

export type IconName = keyof typeof paths;

/** Decoration: what holds it has the name. */
export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
