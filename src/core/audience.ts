/** A change of membership: from `sequence` on somebody is in, or after it out. */
export interface Turnover {
  user_id: string;
  sequence: number;
  joined: boolean;
}

/** Sequences a user may hear: from `from` to `to`, both included. */
export interface Span {
  from: number;
  to: number;
}

/**
 * Who is to hear which sequences, worked back from who is a member now and the turnovers since some sequence. The event
 * of a joining or a leaving is heard by the one it concerns. Who was there before all turnovers hears from 0 on.
 * @param present ids of the members now
 * @param turnovers in order
 */
export function audience(present: Iterable<string>, turnovers: readonly Turnover[]): Map<string, Span[]> {
  const spans = new Map<string, Span[]>();
  const until = new Map<string, number>();
  for (const id of present) until.set(id, Number.POSITIVE_INFINITY);
  for (const { user_id, sequence, joined } of turnovers.toReversed()) {
    const end = until.get(user_id);
    if (joined && end !== undefined) {
      spans.set(user_id, [{ from: sequence, to: end }, ...(spans.get(user_id) ?? [])]);
      until.delete(user_id);
    }
    if (!joined && end === undefined) until.set(user_id, sequence);
  }
  for (const [user_id, end] of until) {
    spans.set(user_id, [{ from: 0, to: end }, ...(spans.get(user_id) ?? [])]);
  }
  return spans;
}

export function hears(spans: readonly Span[] | undefined, sequence: number): boolean {
  return spans?.some((span) => span.from <= sequence && sequence <= span.to) ?? false;
}
