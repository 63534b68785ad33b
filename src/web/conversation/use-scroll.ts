import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Room, RoomState } from "../../client/api.ts";
import { type Anchor, anchorsIn, fromEnd, hold, rowOf } from "./anchors.ts";
import { type Goal, landingOf, missing } from "./goal.ts";
import { isSaid, type Row, type UnreadMark } from "./rows.ts";
import { around, atEnd, cut, grown, type Span, sliceOf } from "./slice.ts";

interface Scrolled {
  pane: RefObject<HTMLElement | null>;
  room: Room;
  state: RoomState;
  rows: readonly Row[];
  unread: UnreadMark | undefined;
  /** A message to show; another object shows it again. */
  target: { sequence: number } | undefined;
  /** Something was scrolled or drawn. */
  onLook(): void;
}

/** CSS pixels from the end within which one is there: new messages keep one there. */
const endPx = 16;
/** Screens before the edge at which more is loaded. */
const screens = 2;
const glowMs = 1_000;
const restMs = 2_000;
const calmMs = 150;

/**
 * The place in a history: nothing moves by itself while one reads above, at the end one stays there, and what comes or
 * goes out of view moves nothing by a pixel.
 */
export function useScroll({ pane, room, state, rows, unread, target, onLook }: Scrolled) {
  const [span, setSpan] = useState<Span>(() => atEnd(rows));
  const [isAtEnd, setAtEnd] = useState(true);
  const [glowing, setGlowing] = useState<string>();
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const goal = useRef<Goal | undefined>(target ? { to: "message", ...target } : { to: "opening" });
  const anchors = useRef<Anchor[]>([]);
  const isStuck = useRef(false);
  /** `scrollTop` as it was left: above it, somebody has scrolled. */
  const lastTop = useRef(0);
  const lastBox = useRef("");
  const asked = useRef<number | "newest">(undefined);
  const loading = useRef({ older: 0, newer: 0 });
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef({ rows, span });
  latest.current = { rows, span };
  const slice = sliceOf(rows, span);
  const isReady = state.conversation !== undefined && (state.status === "live" || state.status === "stale");

  // Where all stands before what is drawn now changes it: a scroll the page has not heard of yet counts, too.
  if (pane.current && !goal.current) {
    const isUp = pane.current.scrollTop < lastTop.current && fromEnd(pane.current) > endPx;
    if (isUp && !isResized(pane.current)) isStuck.current = false;
    anchors.current = anchorsIn(pane.current);
  }

  useLayoutEffect(() => {
    const { current } = pane;
    if (!current) return;
    if (goal.current) reach(current, goal.current);
    else settle(current);
    look(current);
  });

  useEffect(() => {
    if (target) aim({ to: "message", ...target });
  }, [target]);

  useEffect(() => {
    const { current } = pane;
    const content = current?.firstElementChild;
    if (!current || !content) return;
    const observer = new ResizeObserver(() => {
      if (goal.current) return;
      settle(current);
      look(current);
    });
    observer.observe(current);
    observer.observe(content);
    return () => observer.disconnect();
  }, []);

  useEffect(() => () => clearTimeout(rest.current), []);

  useEffect(() => {
    if (!glowing) return;
    const timer = setTimeout(() => setGlowing(undefined), glowMs);
    return () => clearTimeout(timer);
  }, [glowing]);

  function aim(next: Goal): void {
    goal.current = next;
    asked.current = undefined;
    draw(undefined);
  }

  function settle(current: HTMLElement): void {
    if (isStuck.current) current.scrollTop = current.scrollHeight;
    else hold(current, anchors.current);
    note(current);
  }

  /** Loads what is missing, draws the part it is in, and only then goes there. */
  function reach(current: HTMLElement, to: Goal): void {
    if (!isReady) return;
    const lack = missing(to, state, unread);
    if (lack !== undefined) return ask(lack);
    const landing = landingOf(to, rows);
    if (landing.at === "end") {
      if (slice.to < rows.length) return setSpan(atEnd(rows));
      current.scrollTop = current.scrollHeight;
      isStuck.current = true;
    } else {
      const row = rowOf(current, landing.key);
      if (!row) return setSpan(around(rows, landing.key));
      stand(current, row, landing.isGlowing ? 0.4 : 0.2);
      if (landing.isGlowing) setGlowing(landing.key);
      isStuck.current = fromEnd(current) <= endPx && !state.hasNewer;
    }
    goal.current = undefined;
    setAtEnd(isStuck.current);
    note(current);
  }

  function note(current: HTMLElement): void {
    lastTop.current = current.scrollTop;
    lastBox.current = boxOf(current);
    anchors.current = anchorsIn(current);
  }

  /** Then it is not somebody who has scrolled; all is settled next. */
  function isResized(current: HTMLElement): boolean {
    return boxOf(current) !== lastBox.current;
  }

  function ask(lack: number | "newest"): void {
    if (asked.current === lack) return;
    asked.current = lack;
    const loaded = lack === "newest" ? room.loadNewest() : room.loadAround(lack);
    loaded.catch(() => {
      goal.current = undefined; // away: one stays where one is
    });
  }

  function look(current: HTMLElement): void {
    feed(current);
    onLook();
    clearTimeout(rest.current);
    rest.current = setTimeout(tidy, calmMs);
  }

  /** More, before it is needed. */
  function feed(current: HTMLElement): void {
    if (goal.current || !isReady) return;
    const near = screens * current.clientHeight;
    if (slice.from === 0 && state.hasOlder && current.scrollTop < near) load("older");
    if (slice.to === rows.length && state.hasNewer && fromEnd(current) < near) load("newer");
  }

  function load(way: "older" | "newer"): void {
    if (performance.now() < loading.current[way]) return;
    loading.current[way] = Number.POSITIVE_INFINITY;
    // What comes is drawn when it is needed, not because it came.
    setSpan(
      way === "older" ? { ...span, first: rows.find(isSaid)?.key } : { ...span, last: rows.findLast(isSaid)?.key },
    );
    (way === "older" ? room.loadOlder() : room.loadNewer()).then(
      () => {
        loading.current[way] = 0;
        draw(undefined); // what came may not have been enough
      },
      () => {
        loading.current[way] = performance.now() + restMs;
      },
    );
  }

  function onScroll(): void {
    const { current } = pane;
    if (!current || goal.current || isResized(current)) return;
    isStuck.current = slice.to === rows.length && !state.hasNewer && fromEnd(current) <= endPx;
    setAtEnd(isStuck.current);
    note(current);
    const isUrgent = Math.min(current.scrollTop, fromEnd(current)) < current.clientHeight;
    if (isUrgent) setSpan(more(rows, span));
    look(current);
  }

  /** What is drawn changes when one rests, if it can wait: what moves under a finger should be the history alone. */
  function tidy(): void {
    if (goal.current) return;
    const { rows, span } = latest.current;
    setSpan(cut(rows, more(rows, span), isStuck.current ? undefined : anchors.current[0]?.key));
  }

  function more(rows: readonly Row[], span: Span): Span {
    const seen = anchors.current[0]?.key;
    return seen === undefined ? span : grown(rows, span, seen);
  }

  return { slice, isAtEnd, glowing, onScroll, toEnd: () => aim({ to: "end" }) };
}

const boxOf = ({ clientWidth, clientHeight }: HTMLElement) => `${clientWidth} ${clientHeight}`;

/** @param share of the pane's height above the row */
function stand(pane: HTMLElement, row: HTMLElement, share: number): void {
  const at = row.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  pane.scrollTop += at - Math.max(0, pane.clientHeight - row.clientHeight) * share;
}
