/** Who is there, as the objects tell each other. */

/** Whether a user has user sockets, as of the opening or closing with this number. */
export interface Presence {
  hasSockets: boolean;
  /** One of them is not in the background. */
  isActive: boolean;
  number: number;
}

/** What a user's object says to events. */
export interface Heard extends Presence {
  /** The conversation stands in the user's notifications, or is about to: what they read there is to be told, too. */
  isNotified: boolean;
}

/** What somebody may see of another: as is right now, or was last. */
export interface Seen {
  user_id: string;
  online: boolean;
  last_seen?: string;
  /** Of two the higher is the later; without one: not to be seen. */
  number?: number;
}

export interface Look {
  asked: string[];
  /** By all of the user's sockets in that conversation. */
  watched: string[];
}
