import type { Pending, Room } from "../../client/api.ts";
import { PingMeError } from "../../client/error.ts";
import { useText } from "../texts/text.ts";
import { errorText } from "../ui/errors.ts";
import { Body } from "./body.tsx";
import type { Deeds } from "./deeds.ts";
import { isFramed, pendingFilesOf } from "./files.ts";
import { Mark } from "./mark.tsx";
import { MediaView } from "./media-view.tsx";
import { Quote } from "./quote.tsx";
import type { InGroup } from "./rows.ts";
import { UploadRing } from "./upload-ring.tsx";
import { isBigEmoji } from "./words.ts";

interface PendingProps {
  pending: Pending;
  place: InGroup;
  isTabStop: boolean;
  room: Room;
  deeds: Deeds;
}

/** What is not sent yet looks like what is, with a clock. */
export function PendingBubble({ pending, place, isTabStop, room, deeds }: PendingProps) {
  const say = useText();
  const { entry, state, progress } = pending;
  const files = pendingFilesOf(pending);
  const hasFailed = state === "failed";
  return (
    <article
      class={`said mine${place.isFirst ? " first" : ""}${place.isLast ? " last" : ""}${hasFailed ? " failed" : ""}`}
      data-row={entry.id}
      tabIndex={isTabStop ? 0 : -1}
    >
      <div class="column">
        <div class={`bubble${isFramed(files) ? " framed" : ""}`}>
          {entry.reply_to && <Quote room={room} id={entry.reply_to} onJump={deeds.jump} />}
          {files.length > 0 && <MediaView files={files} />}
          {files.length > 0 && !hasFailed && (
            <UploadRing progress={progress} onCancel={() => deeds.discard(entry.id)} />
          )}
          <p
            class={`words${entry.content ? "" : " empty"}${files.length === 0 && isBigEmoji(entry.content) ? " big" : ""}`}
          >
            {entry.content && (
              <span>
                <Body text={entry.content} />
              </span>
            )}
            <Mark at={entry.created_at} tick={hasFailed ? undefined : "pending"} />
          </p>
        </div>
        {hasFailed && <Failed pending={pending} deeds={deeds} />}
        {pending.heldUntil !== undefined && (
          <p class="held" role="status">
            {say("conversation.held")}
          </p>
        )}
      </div>
    </article>
  );
}

function Failed({ pending: { entry }, deeds }: { pending: Pending; deeds: Deeds }) {
  const say = useText();
  return (
    <p class="not-sent" role="alert">
      <span>
        {say("conversation.failed")} {entry.failure && reasonOf(say, entry.failure)}
      </span>
      <button type="button" onClick={() => deeds.retry(entry.id)}>
        {say("conversation.tapToRetry")}
      </button>
      <button type="button" onClick={() => deeds.discard(entry.id)}>
        {say("conversation.discard")}
      </button>
    </p>
  );
}

function reasonOf(say: ReturnType<typeof useText>, { code, message }: NonNullable<Pending["entry"]["failure"]>) {
  return errorText(say, new PingMeError(message, { code, status: 0, errors: [] }), {
    PERMISSION_DENIED: "conversation.cannotWrite",
    TOO_LARGE: "conversation.tooLarge",
    UNSUPPORTED_MEDIA_TYPE: "conversation.noFileType",
  });
}
